package fleet

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"provsim/internal/report"
	"provsim/internal/tally"
	"provsim/internal/web/app"
)

// card is a number that stands out.
type card struct {
	Title, Value, Note string
	Bad                bool
}

// overview is the data of the first page.
type overview struct {
	Now, Until   string
	Live         bool // the run goes on
	Word, Reason string
	Cards        []card
	Said         []string
	Charts       []report.Figure
	Tables       []report.Table
	Bans         []ban
	MoreBans     int // than are shown
	Acts         bool
	Sites        []string
	Form         actForm
}

// actForm holds what the fields of the actions begin with.
type actForm struct{ Most int }

func (p *Page) overview(v *view) overview {
	o := overview{
		Now: report.Clock(v.now), Until: report.Clock(v.until), Live: p.control != nil,
		Cards: v.cards(), Charts: v.charts, Acts: p.config.Stop != nil,
		Tables: report.Tables(v.results.Summary), Form: actForm{int(longestCut.Seconds())},
	}
	o.Bans, o.MoreBans = v.bans()
	o.Word, o.Reason = v.results.Verdict()
	if o.Live && o.Word != "invalid" {
		o.Word, o.Reason = "running", "If it ended now: "+o.Word+"."
	}
	if !o.Live {
		o.Said = report.Answer(v.results.Summary)
	}
	if c := p.devices.Load(); c != nil {
		o.Sites = c.Sites()
	}
	return o
}

// ban is a site that the server stopped to serve.
type ban struct{ Who, Link, From, Until, How, Count string }

// shownBans is how many bans a page shows, the latest ones.
const shownBans = 20

func (v *view) bans() (list []ban, more int) {
	all := v.results.Summary.Bans
	more = max(0, len(all)-shownBans)
	for _, b := range all[more:] {
		shown := ban{
			Who: b.Address, From: report.Clock(time.Duration(b.At)), How: b.How, Count: report.Count(b.Count),
		}
		if v.tally != nil {
			shown.Link = fmt.Sprintf("/devices?site=%d", b.Site)
		}
		if b.Until > 0 {
			shown.Until = report.Clock(time.Duration(b.Until))
		}
		list = append(list, shown)
	}
	return list, more
}

// cards are the numbers that an operator asks for first.
func (v *view) cards() []card {
	s, end := v.results.Summary, v.end()
	part := func(n int) float64 { return float64(n) / float64(max(1, s.Counts.Devices)) }
	ready := card{
		Title: "Provisioned", Value: report.Percent(part(end.Provisioned)),
		Note: fmt.Sprintf("%s of %s", report.Count(end.Provisioned), report.Plural(s.Counts.Devices, "device")),
	}
	rate := card{Title: "Resyncs a second", Value: fmt.Sprintf("%.0f", v.rate), Note: "no peak yet"}
	if peak := s.Peaks[0]; peak.Count > 0 {
		rate.Note = fmt.Sprintf("peak %s at %s", report.Count(peak.Count), report.Clock(time.Duration(peak.At)))
	}
	failed := card{Title: "Failed resyncs", Value: "none", Note: "no resync has ended"}
	for _, j := range s.Jobs[:min(1, len(s.Jobs))] {
		failed.Note = fmt.Sprintf("%s of %s", report.Count(j.Failures), report.Count(j.Ended))
		if failed.Bad = j.Failures > 0; failed.Bad {
			failed.Value = report.Percent(j.Share)
		}
	}
	return append([]card{ready, rate, failed, v.latencyCard(), v.sitesCard()}, v.lagCard()...)
}

func (v *view) latencyCard() card {
	c := card{Title: "Latency, p99", Value: "none", Note: "no resync has ended"}
	if m, ok := v.times("latency"); ok {
		c.Value, c.Note = report.Lasting(time.Duration(m.P99)), "half take up to "+report.Lasting(time.Duration(m.P50))
	}
	return c
}

// sitesCard counts the sites that the server stopped to serve, or never served.
func (v *view) sitesCard() card {
	banned, never := len(v.results.Summary.Bans), len(v.results.Summary.Unserved)
	if banned+never == 0 {
		return card{Title: "Sites not served", Value: "none", Note: "no site was banned"}
	}
	return card{
		Title: "Sites not served", Value: report.Count(banned + never), Bad: true,
		Note: fmt.Sprintf("%s banned, %s never served", report.Count(banned), report.Count(never)),
	}
}

// lagCard says how far the run is behind its schedule, which virtual time cannot
// be.
func (v *view) lagCard() []card {
	m, ok := v.times("lag")
	if !ok || v.results.Summary.Virtual {
		return nil
	}
	return []card{{
		Title: "Behind schedule, p99", Value: report.Lasting(time.Duration(m.P99)),
		Note: "at most " + report.Lasting(time.Duration(m.Max)), Bad: !v.results.Summary.Validity.Valid,
	}}
}

func (v *view) times(name string) (tally.Times, bool) {
	for _, m := range v.results.Summary.Times {
		if m.Name == name {
			return m, true
		}
	}
	return tally.Times{}, false
}

func (p *Page) overviewPage(w http.ResponseWriter, r *http.Request) error {
	v, err := p.look(r.Context())
	if err != nil {
		return err
	}
	page := app.Page{Name: "overview", Title: "Overview", Data: p.overview(v)}
	if p.control != nil {
		page.Live = "/overview/live"
	}
	return p.app.Render(w, r, page)
}

// overviewLive sends the parts of the page that have changed. Each chart is a
// part of its own, so that a table that somebody reads stays open.
func (p *Page) overviewLive(w http.ResponseWriter, r *http.Request) error {
	return p.app.Stream(w, r, &p.hub, func(ctx context.Context) (map[string]string, error) {
		v, err := p.look(ctx)
		if err != nil {
			return nil, err
		}
		return v.parts, nil
	})
}

// parts returns the page's parts by their ids.
func (p *Page) parts(v *view) (map[string]string, error) {
	o := p.overview(v)
	parts := map[string]string{}
	for _, part := range []string{"state", "tables"} {
		html, err := p.app.Fragment("overview", part, o)
		if err != nil {
			return nil, err
		}
		parts[part] = html
	}
	for _, c := range o.Charts {
		html, err := p.app.Fragment("overview", "chart", c)
		if err != nil {
			return nil, err
		}
		parts["chart-"+c.ID] = html
	}
	return parts, nil
}
