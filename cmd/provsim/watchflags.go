package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/spf13/pflag"

	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/metrics"
	webfleet "provsim/internal/web/fleet"
)

// watchFlags say who may look at a run while it goes on.
type watchFlags struct {
	metricsAt string
	dashboardFlags
}

func (f *watchFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.metricsAt, "metrics", "", "serve Prometheus metrics at `ADDR`, such as 127.0.0.1:9090, under /metrics")
	f.dashboardFlags.add(fs)
}

// watchers are those who look at a run.
type watchers struct {
	metrics *metrics.Metrics // nil: nobody asked for them
	server  *http.Server
	page    dashboard
}

func (f *watchFlags) open(e *env, r *fleet.Roster, c webfleet.Config) (*watchers, error) {
	w := &watchers{}
	if err := f.serveMetrics(e, r, w); err != nil {
		return nil, err
	}
	c.Crew = r
	var err error
	if w.page, err = f.dashboardFlags.open(e, c); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (f *watchFlags) serveMetrics(e *env, r *fleet.Roster, w *watchers) error {
	if f.metricsAt == "" {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(e.ctx, "tcp", f.metricsAt)
	if err != nil {
		return cannot(err, "--metrics needs a free address of this machine")
	}
	w.metrics = metrics.New(r.Len(), r.Index)
	mux := http.NewServeMux()
	mux.Handle("/metrics", w.metrics.Handler())
	w.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return e.hard }}
	go func() {
		if err := w.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			// The run goes on without metrics: it is worth more than they are.
			_, _ = e.err.Write([]byte("provsim: warning: metrics: " + err.Error() + "\n"))
		}
	}()
	return nil
}

// sinks are those who read the journal.
func (w *watchers) sinks() (list []journal.Sink) {
	if w.metrics != nil {
		list = append(list, w.metrics)
	}
	return append(list, w.page.sinks()...)
}

func (w *watchers) show(now fleet.Progress) {
	if w.metrics != nil {
		s := now.Tally.Snapshot()
		w.metrics.Show(&s)
	}
	if w.page.Page != nil {
		w.page.Changed()
	}
}

func (w *watchers) lag(due, now time.Duration) {
	if w.metrics != nil {
		w.metrics.Lag(due, now)
	}
}

func (w *watchers) close() {
	if w.server != nil {
		_ = w.server.Close()
	}
	w.page.close()
}
