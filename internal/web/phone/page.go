package phone

import (
	"cmp"
	"embed"
	"io/fs"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/web/app"
	"provsim/profile"
)

//go:embed pages/*.html
var pages embed.FS

// A Driver runs the phone, as run.Driver does. Neither method waits.
type Driver interface {
	Tell(device int, in device.Input)
	Look(device int, f func(d *device.Device, now time.Duration))
}

// The credentials of a phone with its factory settings.
const ShippedUser, ShippedPassword = "admin", "admin"

// A Page is a phone's web page.
type Page struct {
	model   *device.Model
	app     *app.App
	hub     app.Hub
	history history
	driver  Driver // set by Attach, before anything is answered

	mu      sync.Mutex // guards the rest
	server  *app.Server
	url     string         // where it listens, or did
	closed  []*app.Server  // those that may still have answers under way
	inForce profile.Config // the settings in force
}

// New makes the page of a device and listens. An error names the address that is not
// free.
func New(access app.Access, d *device.Device) (*Page, error) {
	p := &Page{model: d.Model(), inForce: d.Stored().Config}
	templates, err := fs.Sub(pages, "pages")
	if err != nil {
		return nil, err
	}
	p.app, err = app.New(app.Config{
		Name: d.Identity().Product + " " + d.Identity().MAC.Colons(), Nav: nav, Pages: templates,
		Access: access,
	})
	if err != nil {
		return nil, err
	}
	for _, r := range p.routes() {
		p.app.Handle(r)
	}
	return p, p.listen()
}

// Attach gives the page the driver of the phone. The page answers from then on.
// Call it before the run.
func (p *Page) Attach(d Driver) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.driver = d
	p.server.Serve()
}

// tell passes on what a person does to the phone.
func (p *Page) tell(in device.Input) { p.driver.Tell(0, in) }

// URL returns the address of the page.
func (p *Page) URL() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.url
}

// listen opens the port, which is the same every time.
func (p *Page) listen() error {
	server, err := p.app.Listen()
	if err != nil {
		return err
	}
	p.server, p.url = server, server.URL()
	return nil
}

// open answers again after a reboot.
func (p *Page) open() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return nil
	}
	if err := p.listen(); err != nil {
		return err
	}
	p.server.Serve()
	return nil
}

// shut stops listening, and does not wait for open connections.
func (p *Page) shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		return
	}
	p.server.Close()
	p.closed = append(p.closed[max(0, len(p.closed)-1):], p.server)
	p.server = nil
	p.app.EndSessions()
}

// Close ends the page and returns when nothing of it is left.
func (p *Page) Close() {
	p.shut()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.closed {
		s.Wait()
	}
}

// nav are the pages in their order.
var nav = []app.Link{
	{Path: "/status", Title: "Status"}, {Path: "/provision", Title: "Provision"},
	{Path: "/security", Title: "Administration/Security"}, {Path: "/lines", Title: "Lines"}, {Path: "/journal", Title: "Journal"},
}

// routes are the paths of the page beside those of every app.
func (p *Page) routes() []app.Route {
	config := cmp.Or(p.model.ConfigLimit, 1<<20)
	image := cmp.Or(p.model.FirmwareLimit, 64<<20)
	routes := []app.Route{
		{Method: "GET", Path: "/status", Handle: p.statusPage},
		{Method: "GET", Path: "/status/live", Handle: p.statusLive},
		{Method: "GET", Path: "/provision", Handle: p.provisionPage},
		{Method: "POST", Path: "/provision", Handle: p.saveSettings},
		{Method: "POST", Path: "/provision/preview", Handle: p.previewParts},
		{Method: "GET", Path: "/security", Handle: p.securityPage},
		{Method: "POST", Path: "/security/certificate", Limit: certificateLimit + formRoom, Handle: p.uploadCertificate},
		{Method: "GET", Path: "/security/configuration", Handle: p.downloadConfig},
		{Method: "POST", Path: "/security/configuration", Limit: config + formRoom, Handle: p.uploadConfig},
		{Method: "POST", Path: "/security/firmware", Limit: image + formRoom, Handle: p.uploadFirmware},
		{Method: "POST", Path: "/resync", Handle: p.resyncNow},
		{Method: "POST", Path: "/reboot", Handle: p.reboot},
		{Method: "POST", Path: "/reset", Handle: p.reset},
		{Method: "GET", Path: "/lines", Handle: p.linesPage},
		{Method: "GET", Path: "/lines/live", Handle: p.linesLive},
		{Method: "POST", Path: "/lines/{line}", Handle: p.hook},
		{Method: "GET", Path: "/journal", Handle: p.journalPage},
		{Method: "GET", Path: "/journal/live", Handle: p.journalLive},

		{Method: "GET", Path: "/api/openapi.json", Handle: p.apiDescription},
		{Method: "GET", Path: "/api/status", Handle: p.apiStatus},
		{Method: "GET", Path: "/api/journal", Handle: p.apiJournal},
		{Method: "GET", Path: "/api/settings", Handle: p.apiSettings},
		{Method: "PATCH", Path: "/api/settings", Handle: p.apiSave},
		{Method: "POST", Path: "/api/preview", Handle: p.apiPreview},
		{Method: "GET", Path: "/api/certificates", Handle: p.apiCertificates},
		{Method: "PUT", Path: "/api/certificates/{kind}", Limit: 2 * certificateLimit, Handle: p.apiCertificate},
		{Method: "GET", Path: "/api/configuration", Handle: p.downloadConfig},
		{Method: "PUT", Path: "/api/configuration", Limit: config, Handle: p.apiConfig},
		{Method: "PUT", Path: "/api/firmware", Limit: image, Handle: p.apiFirmware},
		{Method: "PUT", Path: "/api/lines/{line}", Handle: p.apiLine},
		{Method: "POST", Path: "/api/resync", Handle: p.apiResync},
		{Method: "POST", Path: "/api/reboot", Handle: p.apiReboot},
		{Method: "POST", Path: "/api/reset", Handle: p.apiReset},
	}
	for path, kind := range p.model.Personality.Paths {
		routes = append(routes, app.Route{Method: "GET", Path: path, Script: true, Handle: p.ask(kind)})
	}
	return routes
}

// certificateLimit is the largest PEM file that the page takes, and formRoom what
// a form needs around a file, in bytes.
const certificateLimit, formRoom = 256 << 10, 16 << 10
