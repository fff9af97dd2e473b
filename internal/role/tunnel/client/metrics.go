package client

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the figures of a run for Prometheus. Show gives them each second.
type Metrics struct {
	registry *prometheus.Registry
	shown    atomic.Pointer[shown]
}

// shown is a copy that scrapes may read.
type shown struct {
	open, tries, opens, full, resumed int
	ended                             map[string]int
	services                          []Served
}

// NewMetrics returns metrics without figures.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.shown.Store(&shown{})
	m.registry.MustRegister(m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Show takes a copy of the figures. It is called in the run's goroutine.
func (m *Metrics) Show(f *Figures) {
	s := &shown{
		open: f.Open, tries: f.Tries, opens: f.Opens, full: f.TLSFull, resumed: f.Resumed, ended: map[string]int{}, services: append([]Served(nil), f.Services...),
	}
	for o, n := range f.Outcomes {
		s.ended[string(o)] = n
	}
	m.shown.Store(s)
}

var (
	descOpen     = prometheus.NewDesc("provsim_tunnels_open", "Tunnels that are open.", nil, nil)
	descTries    = prometheus.NewDesc("provsim_tunnel_tries_total", "Attempts to open a tunnel.", nil, nil)
	descOpens    = prometheus.NewDesc("provsim_tunnel_opens_total", "Tunnels that were opened.", nil, nil)
	descTLS      = prometheus.NewDesc("provsim_tunnel_handshakes_total", "TLS handshakes of opened tunnels.", []string{"kind"}, nil)
	descEnded    = prometheus.NewDesc("provsim_tunnel_ends_total", "Attempts that failed and tunnels that ended.", []string{"outcome"}, nil)
	descServices = prometheus.NewDesc("provsim_tunnel_services_total", "Uses of services in tunnels.", []string{"service", "outcome"}, nil)
	descBytes    = prometheus.NewDesc("provsim_tunnel_service_bytes_total", "Bytes of services in tunnels.", []string{"service"}, nil)
	descriptions = []*prometheus.Desc{descOpen, descTries, descOpens, descTLS, descEnded, descServices, descBytes}
)

// Describe and Collect are those of a [prometheus.Collector].
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range descriptions {
		to <- d
	}
}

// Collect sends the figures.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	s := m.shown.Load()
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	send(descOpen, prometheus.GaugeValue, float64(s.open))
	send(descTries, prometheus.CounterValue, float64(s.tries))
	send(descOpens, prometheus.CounterValue, float64(s.opens))
	send(descTLS, prometheus.CounterValue, float64(s.full), "full")
	send(descTLS, prometheus.CounterValue, float64(s.resumed), "resumed")
	for outcome, n := range s.ended {
		send(descEnded, prometheus.CounterValue, float64(n), outcome)
	}
	for _, service := range s.services {
		send(descServices, prometheus.CounterValue, float64(service.Count-service.Failed), service.Name, "ok")
		send(descServices, prometheus.CounterValue, float64(service.Failed), service.Name, "failed")
		send(descBytes, prometheus.CounterValue, float64(service.Bytes), service.Name)
	}
}
