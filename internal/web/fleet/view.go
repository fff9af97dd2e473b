package fleet

import (
	"context"
	"net/http"
	"time"

	"provsim/fleet"
	"provsim/internal/report"
	"provsim/internal/tally"
	"provsim/internal/web/app"
)

// patience is how long a page waits for a look at the run.
const patience = 5 * time.Second

// How old a view may get before the next look: a multiple of the time that it took to
// make, within these bounds.
const viewRest, viewAge, viewMost = 100, time.Second, 5 * time.Second

// tolerance is how much sooner the next look may come: news come once a second,
// and not to the millisecond.
const tolerance = 100 * time.Millisecond

// view is a run at an instant. Nothing in it changes.
type view struct {
	now, until time.Duration
	results    *report.Results
	tally      *tally.Tally // nil: the devices are not known
	series     *report.Series
	charts     []report.Figure
	rate       float64           // resyncs a second, over the last ten whole seconds
	parts      map[string]string // of the overview, for all who follow it
	fresh      time.Time         // until when it is shown
}

func newView(now, until time.Duration, r *report.Results, t *tally.Tally) *view {
	v := &view{now: now, until: until, results: r, tally: t, series: report.NewSeries(r.Summary), rate: r.Summary.Counts.Rate(now)}
	v.charts = report.Figures(r.Summary, v.series)
	if t != nil {
		for i, k := range v.charts[0].Key { // that of the states
			v.charts[0].Key[i].Link = "/devices?state=" + k.Label
		}
	}
	return v
}

// end returns how the run stands at its end so far.
func (v *view) end() report.Bin { return v.series.Bins[len(v.series.Bins)-1] }

// look returns how the run stands. All who ask in the same second share one
// look; where the run does not answer, the one before counts.
func (p *Page) look(ctx context.Context) (*view, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v := p.seen.Load()
	if v != nil && (p.control == nil || time.Now().Before(v.fresh)) {
		return v, nil
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
		return p.lookAnew(ctx, v)
	case <-ctx.Done():
		return nil, errSilent
	}
}

var errSilent = &app.Error{Status: http.StatusServiceUnavailable, Text: "the run does not answer"}

// lookAnew looks, unless somebody else has meanwhile.
func (p *Page) lookAnew(ctx context.Context, old *view) (*view, error) {
	if v := p.seen.Load(); v != old {
		return v, nil
	}
	type glance struct {
		fleet.Progress
		took time.Duration
	}
	// There is room, so that the run never waits for a page that has given up.
	seen := make(chan glance, 1)
	p.control.Look(func(now fleet.Progress) {
		began := time.Now()
		now.Tally = now.Tally.Copy()
		seen <- glance{now, time.Since(began)}
	})
	select {
	case g := <-seen:
		v, err := p.compute(g.Progress, g.took)
		if err == nil {
			p.seen.Store(v)
		}
		return v, err
	case <-ctx.Done():
		if old != nil {
			return old, nil
		}
		return nil, errSilent
	}
}

// compute makes a view of a copy, which took a while already.
func (p *Page) compute(now fleet.Progress, took time.Duration) (v *view, err error) {
	began := time.Now()
	run := p.config.Run
	if p.config.Invalid != nil {
		run.Invalid = p.config.Invalid()
	}
	now.Tally.End(now.Now)
	v = newView(now.Now, now.Until, report.New(run, now.Tally.Totals(), p.config.Thresholds), now.Tally)
	v.parts, err = p.parts(v)
	took += time.Since(began)
	v.fresh = time.Now().Add(min(max(viewAge, viewRest*took), viewMost) - tolerance)
	return v, err
}
