package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"
)

// Metrics is a journal sink. Make one with [New].
type Metrics struct {
	registry *prometheus.Registry
	index    func(device.MAC) int
	due      []time.Duration // by device: when its latest job fell due

	starts  *prometheus.CounterVec
	jobs    *prometheus.CounterVec
	bytes   *prometheus.CounterVec
	tries   *prometheus.CounterVec
	local   prometheus.Counter
	latency *prometheus.HistogramVec
	service *prometheus.HistogramVec
	lag     prometheus.Histogram
	devices *prometheus.GaugeVec
	ready   prometheus.Gauge
	bans    prometheus.Gauge
}

// mostTries is the last label of its own for how often a request was sent.
const mostTries = 10

// New returns the metrics of a run with so many devices, whose addresses index
// numbers from 0.
func New(devices int, index func(device.MAC) int) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), index: index, due: make([]time.Duration, devices),
		starts:  counter("provsim_starts_total", "Jobs that were started.", "job", "cause"),
		jobs:    counter("provsim_jobs_total", "Jobs that have ended.", "job", "outcome"),
		bytes:   counter("provsim_received_bytes_total", "Bytes of files that arrived.", "job"),
		tries:   counter("provsim_tries_total", "Jobs by how often their request was sent, where the transport repeats it.", "tries"),
		local:   prometheus.NewCounter(prometheus.CounterOpts{Name: "provsim_local_failures_total", Help: "Failures of this machine, which tell nothing about the server."}),
		latency: histogram("provsim_latency_seconds", "From when a job was due until it ended.", "job", "outcome"),
		service: histogram("provsim_service_seconds", "From when a job was started until it ended.", "job", "outcome"),
		lag:     prometheus.NewHistogram(seconds("provsim_lag_seconds", "From when a device wanted to be woken until it was.")),
		devices: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "provsim_devices", Help: "Devices by what they do."}, []string{"state"}),
		ready:   gauge("provsim_devices_ready", "Devices with a success since they were switched on."),
		bans:    gauge("provsim_bans", "Sites that the server seems to have banned."),
	}
	m.registry.MustRegister(
		m.starts, m.jobs, m.bytes, m.tries, m.local, m.latency, m.service, m.lag, m.devices, m.ready, m.bans,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
}

func histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(seconds(name, help), labels)
}

// seconds covers what lies between a fast answer on one machine and a phone that
// gives up after a minute (FV-NET-1).
func seconds(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Name: name, Help: help,
		Buckets:                        []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 60},
		NativeHistogramBucketFactor:    1.1,
		NativeHistogramMaxBucketNumber: 160,
	}
}

// Add counts a record, and never fails.
func (m *Metrics) Add(r *journal.Record) error {
	switch r.Kind {
	case device.ResyncStart, device.UpgradeStart:
		m.due[m.index(r.Device)] = r.Due
		m.starts.WithLabelValues(r.Job.String(), r.Cause.String()).Inc()
	case device.ResyncDone, device.UpgradeDone:
		m.done(r)
	}
	return nil
}

func (m *Metrics) done(r *journal.Record) {
	job, outcome := r.Job.String(), r.Outcome.String()
	m.jobs.WithLabelValues(job, outcome).Inc()
	m.bytes.WithLabelValues(job).Add(float64(r.Bytes))
	m.latency.WithLabelValues(job, outcome).Observe((r.T - m.due[m.index(r.Device)]).Seconds())
	m.service.WithLabelValues(job, outcome).Observe(r.Took.Seconds())
	if r.Tries > 0 {
		m.tries.WithLabelValues(triesLabel(r.Tries)).Inc()
	}
	if r.Local {
		m.local.Inc()
	}
}

func triesLabel(n int) string {
	if n > mostTries {
		return "more"
	}
	return strconv.Itoa(n)
}

// Lag notes when a device was to be woken and when it was. It may be called from
// any goroutine.
func (m *Metrics) Lag(due, now time.Duration) { m.lag.Observe((now - due).Seconds()) }

// Show sets the gauges. It may be called from any goroutine.
func (m *Metrics) Show(s *tally.Snapshot) {
	for state, n := range s.States {
		m.devices.WithLabelValues(tally.State(state).String()).Set(float64(n))
	}
	m.ready.Set(float64(s.Ready))
	m.bans.Set(float64(s.Bans))
}

// Handler serves the metrics in the format that the client asks for.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
