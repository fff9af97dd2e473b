package fleet

import (
	"context"
	"net/http"

	"provsim/device"
	"provsim/internal/report"
	"provsim/internal/tally"
	"provsim/internal/web/app"
)

// pageSize is how many devices a page shows.
const pageSize = 50

// row is a device in the table.
type row struct {
	Number  int    `json:"number"` // in the whole fleet
	MAC     string `json:"mac"`
	State   string `json:"state"`
	Outcome string `json:"outcome,omitempty"` // of the last resync since its power came
	Kind    string `json:"kind,omitempty"`    // of site
	Site    int    `json:"site"`
}

func rowOf(c Inventory, t *tally.Tally, i int) row {
	state, outcome := t.Device(i)
	r := row{Number: c.Number(i), MAC: c.MAC(i).String(), State: state.String(), Outcome: outcome.String()}
	r.Kind, r.Site = c.Site(i)
	return r
}

// listing is a page of the devices that a query finds.
type listing struct {
	At      float64 `json:"at"`    // seconds since the run began
	Total   int     `json:"total"` // of what was found
	Page    int     `json:"page"`
	Pages   int     `json:"pages"`
	Devices []row   `json:"devices"`
}

// errUnknown says that a run was saved without its journal.
var errUnknown = &app.Error{Status: http.StatusNotFound, Text: "the devices are not known: the run was saved without its journal, which --events writes"}

// find looks through all devices, one query after the other: each may take some
// ten milliseconds with a million devices.
func (p *Page) find(ctx context.Context, q query) (listing, error) {
	v, err := p.look(ctx)
	if err != nil {
		return listing{}, err
	}
	c := p.devices.Load()
	if c == nil || v.tally == nil {
		return listing{}, errUnknown
	}
	l := listing{At: v.now.Seconds(), Page: q.Page, Devices: []row{}}
	if q.all() {
		l.Total = c.Len()
		for i := (q.Page - 1) * pageSize; i >= 0 && i < min(q.Page*pageSize, l.Total); i++ {
			l.Devices = append(l.Devices, rowOf(c, v.tally, i))
		}
	} else if err := p.scan(ctx, q, c, v.tally, &l); err != nil {
		return l, err
	}
	l.Pages = max(1, (l.Total+pageSize-1)/pageSize)
	return l, nil
}

func (p *Page) scan(ctx context.Context, q query, c Inventory, t *tally.Tally, l *listing) error {
	select {
	case p.scans <- struct{}{}:
		defer func() { <-p.scans }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tests := q.tests(c, t)
	for i := range c.Len() {
		if i%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !passes(tests, i) {
			continue
		}
		if l.Total/pageSize == q.Page-1 {
			l.Devices = append(l.Devices, rowOf(c, t, i))
		}
		l.Total++
	}
	return nil
}

func passes(tests []test, i int) bool {
	for _, t := range tests {
		if !t(i) {
			return false
		}
	}
	return true
}

// table is the data of the page of devices.
type table struct {
	query
	listing
	Page                 int // which is in both
	When                 string
	Found                string
	States, Outcomes     []string
	Kinds                []string
	First, Before, After string // links to other pages; empty where there is no such page
}

// asked returns what a request asks for, and the devices that are that.
func (p *Page) asked(r *http.Request) (q query, l listing, err error) {
	if q, err = parseQuery(r.URL.Query()); err == nil {
		l, err = p.find(r.Context(), q)
	}
	return q, l, err
}

func (p *Page) devicesPage(w http.ResponseWriter, r *http.Request) error {
	q, l, err := p.asked(r)
	if err != nil {
		return err
	}
	t := table{query: q, listing: l, Page: q.Page, States: stateWords(), Outcomes: outcomeWords(), Kinds: p.devices.Load().Sites()}
	t.When, t.Found = clock(l.At), report.Count(l.Total)
	if q.Page > 1 {
		t.First, t.Before = q.link(1), q.link(min(q.Page-1, l.Pages))
	}
	if q.Page < l.Pages {
		t.After = q.link(q.Page + 1)
	}
	return p.app.Render(w, r, app.Page{Name: "devices", Title: "Devices", Data: t})
}

// device finds the device that a path names, by its address.
func (c *recorded) device(text string) (int, error) {
	mac, err := device.ParseMAC(text)
	if err == nil {
		if i := c.Index(mac); i >= 0 && i < c.Len() && c.MAC(i) == mac {
			return i, nil
		}
	}
	return 0, &app.Error{Status: http.StatusNotFound, Text: "there is no such device in this run"}
}
