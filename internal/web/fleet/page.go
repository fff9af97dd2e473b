package fleet

import (
	"cmp"
	"embed"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/chart"
	"provsim/internal/journal"
	"provsim/internal/report"
	"provsim/internal/tally"
	"provsim/internal/web/app"
)

//go:embed pages/*.html
var pages embed.FS

// An Inventory says who the devices of a run are, by their places from 0, as
// [fleet.Inventory] does. Its methods may be called from any goroutine.
type Inventory interface {
	Len() int
	MAC(i int) device.MAC
	// Index returns anything for an address that no device has.
	Index(device.MAC) int
	Number(i int) int // in the whole fleet
	// Site returns the name of the kind of site where a device stands, which may be
	// empty, and the site's number.
	Site(i int) (kind string, number int)
	Sites() []string // the names of the kinds
}

// A Control looks at a run and acts in it, as [fleet.Control] does.
type Control interface {
	Look(f func(fleet.Progress))
	Trigger(fleet.Event) error
}

// A Config says where a page listens, who may use it, and which run it shows.
type Config struct {
	app.Access
	Run        tally.Run
	Thresholds []tally.Threshold
	Inventory  Inventory
	// Invalid says why the load generator is saturated; nil: it is not known.
	Invalid func() []string
	// Stop ends the run early; nil where the run has ended or may not be stopped.
	Stop func()
}

// A Page is a run's dashboard.
type Page struct {
	config  Config
	app     *app.App
	server  *app.Server
	hub     app.Hub
	control Control // nil: the run has ended
	scans   chan struct{}
	turn    chan struct{} // holds a token while somebody looks at the run
	seen    atomic.Pointer[view]
	devices atomic.Pointer[recorded]
	stop    sync.Once
}

// recorded is the devices of a run and what is known of each.
type recorded struct {
	Inventory
	records *recordRing
}

// New makes the dashboard of a run and listens; [Page.Attach] or [Page.Show] let
// it answer. An error says which address cannot be had.
func New(c Config) (*Page, error) {
	p := &Page{config: c, scans: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
	if c.Inventory != nil {
		p.devices.Store(&recorded{c.Inventory, newRecordRing(c.Inventory.Len())})
	}
	templates, err := fs.Sub(pages, "pages")
	if err != nil {
		return nil, err
	}
	p.app, err = app.New(app.Config{
		Name: cmp.Or(c.Run.Scenario, "A run without a name"), Nav: nav, Pages: templates, Style: chart.Style(), Access: c.Access,
	})
	if err != nil {
		return nil, err
	}
	for _, r := range p.routes() {
		p.app.Handle(r)
	}
	p.server, err = p.app.Listen()
	return p, err
}

// Add keeps a record of the run for its device's journal. It never fails.
func (p *Page) Add(r *journal.Record) error {
	c := p.devices.Load()
	c.records.add(c.Index(r.Device), r)
	return nil
}

// Attach gives the page a run that is about to begin, and begins to answer.
func (p *Page) Attach(c Control) {
	p.control = c
	p.server.Serve()
}

// Show gives the page a run that has ended, and begins to answer. The tally is
// nil where the devices are not known. Nothing may change either of them any more.
func (p *Page) Show(r *report.Results, t *tally.Tally) {
	end := time.Duration(r.Summary.Counts.Duration)
	p.seen.Store(newView(end, end, r, t))
	p.server.Serve()
}

// Changed says that time has passed, about once a second. It does not wait.
func (p *Page) Changed() { p.hub.Changed() }

// URL returns where the page is.
func (p *Page) URL() string { return p.server.URL() }

// Close ends the page and returns when nothing of it is left.
func (p *Page) Close() {
	p.server.Close()
	p.server.Wait()
}

// nav are the pages in their order.
var nav = []app.Link{{Path: "/overview", Title: "Overview"}, {Path: "/devices", Title: "Devices"}}

// routes are all that the page answers to, beside what every site has. A run
// that has ended has none that act.
func (p *Page) routes() []app.Route {
	routes := []app.Route{
		{Method: "GET", Path: "/overview", Handle: p.overviewPage},
		{Method: "GET", Path: "/overview/live", Handle: p.overviewLive},
		{Method: "GET", Path: "/devices", Handle: p.devicesPage},
		{Method: "GET", Path: "/devices/{mac}", Handle: p.devicePage},

		{Method: "GET", Path: "/api/openapi.json", Handle: p.apiDescription},
		{Method: "GET", Path: "/api/run", Handle: p.apiRun},
		{Method: "GET", Path: "/api/curves", Handle: p.apiCurves},
		{Method: "GET", Path: "/api/devices", Handle: p.apiDevices},
		{Method: "GET", Path: "/api/devices/{mac}", Handle: p.apiDevice},
	}
	if p.config.Stop == nil {
		return routes
	}
	return append(routes,
		app.Route{Method: "POST", Path: "/power-cut", Handle: p.formPowerCut},
		app.Route{Method: "POST", Path: "/resync", Handle: p.formResync},
		app.Route{Method: "POST", Path: "/stop", Handle: p.formStop},
		app.Route{Method: "POST", Path: "/api/power-cut", Handle: p.apiPowerCut},
		app.Route{Method: "POST", Path: "/api/resync", Handle: p.apiResync},
		app.Route{Method: "POST", Path: "/api/stop", Handle: p.apiStop},
	)
}
