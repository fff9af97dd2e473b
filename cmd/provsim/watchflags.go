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
)

// watchFlags say who may look at a run while it goes on.
type watchFlags struct{ metricsAt string }

func (f *watchFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.metricsAt, "metrics", "", "serve Prometheus metrics at `ADDR`, such as 127.0.0.1:9090, under /metrics")
}

// watchers are those who look at a run.
type watchers struct {
	metrics *metrics.Metrics // nil: nobody asked for them
	server  *http.Server
}

func (f *watchFlags) open(e *env, r *fleet.Roster) (*watchers, error) {
	w := &watchers{}
	if f.metricsAt == "" {
		return w, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(e.ctx, "tcp", f.metricsAt)
	if err != nil {
		return nil, cannot(err, "--metrics needs a free address of this machine")
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
	return w, nil
}

func (w *watchers) sink() journal.Sink {
	if w.metrics == nil {
		return nil
	}
	return w.metrics
}

func (w *watchers) show(now fleet.Progress) {
	if w.metrics != nil {
		s := now.Tally.Snapshot()
		w.metrics.Show(&s)
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
}
