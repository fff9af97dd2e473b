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

// watchFlags say how a run is watched: by Prometheus, on a dashboard.
type watchFlags struct {
	metricsAt string
	webFlags
}

func (f *watchFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.metricsAt, "metrics", "", "serve Prometheus metrics at `ADDR`, such as 127.0.0.1:9464, under /metrics")
	f.webFlags.addDashboard(fs)
}

// watchers show a run while it goes on.
type watchers struct {
	metrics *metrics.Metrics // nil without --metrics
	end     func()           // ends them
	page    dashboard
}

func (f *watchFlags) open(e *env, r *fleet.Inventory, c webfleet.Config) (*watchers, error) {
	w := &watchers{}
	var handler http.Handler
	if f.metricsAt != "" {
		w.metrics = metrics.New(version(), r.Len(), r.Index)
		handler = w.metrics.Handler()
	}
	var err error
	if w.end, err = serveMetrics(e, f.metricsAt, handler); err != nil {
		return nil, err
	}
	c.Inventory = r
	if w.page, err = f.webFlags.openDashboard(e, c); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// serveMetrics serves a run's metrics at the address of --metrics, and returns how to
// end that. Without an address it does nothing.
func serveMetrics(e *env, address string, metrics http.Handler) (end func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	if err := checkListen("metrics", address); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(e.ctx, "tcp", address)
	if err != nil {
		return nil, cannotListen("metrics", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", metrics)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: headerTime, BaseContext: func(net.Listener) context.Context { return e.hard }}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			// The run goes on without metrics.
			_, _ = e.err.Write([]byte("provsim: warning: metrics: " + err.Error() + "\n"))
		}
	}()
	return func() { _ = server.Close() }, nil
}

// sinks returns what reads the journal.
func (w *watchers) sinks() (list []journal.Sink) {
	if w.metrics != nil {
		list = append(list, w.metrics)
	}
	return append(list, w.page.sinks()...)
}

func (w *watchers) show(now fleet.Progress) {
	if w.metrics != nil {
		s := now.Tally.Snapshot(now.Now)
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
	w.end()
	w.page.close()
}
