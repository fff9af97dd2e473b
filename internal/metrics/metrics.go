package metrics

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"
	"provsim/resync"
)

// Metrics is a journal sink. Make one with [New].
type Metrics struct {
	registry *prometheus.Registry
	index    func(device.MAC) int
	between  journal.Transfers
	due      []time.Duration // by device: when its latest job fell due

	transfers   *prometheus.CounterVec
	transferred *prometheus.HistogramVec
	starts      *prometheus.CounterVec
	jobs        *prometheus.CounterVec
	bytes       *prometheus.CounterVec
	tries       *prometheus.CounterVec
	local       prometheus.Counter
	latency     *prometheus.HistogramVec
	service     *prometheus.HistogramVec
	lag         prometheus.Histogram
	devices     *prometheus.GaugeVec
	provisioned prometheus.Gauge
	bans        prometheus.Gauge
}

// mostTries is the last label of its own for how often a request was sent.
const mostTries = 10

// New returns the metrics of a run of a number of devices, whose addresses index
// numbers from 0. The version is that of the program.
func New(version string, devices int, index func(device.MAC) int) *Metrics {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "provsim_build_info", Help: "Always 1; the labels say which program this is.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	build.Set(1)
	m := &Metrics{
		registry: prometheus.NewRegistry(), index: index, due: make([]time.Duration, devices),
		transfers:   counter("provsim_transfers_total", "Transfers by what they are for. Those that failed as the vendor expects have expected=\"true\".", "class", "outcome", "expected"),
		transferred: histogram("provsim_transfer_seconds", "From a request until its reply.", "class"),
		starts:      counter("provsim_starts_total", "Jobs that were started.", "job", "cause"),
		jobs:        counter("provsim_jobs_total", "Jobs that have ended.", "job", "outcome"),
		bytes:       counter("provsim_received_bytes_total", "Bytes of files that arrived.", "job"),
		tries:       counter("provsim_tries_total", "Jobs by how often their request was sent, where the transport repeats it.", "tries"),
		local:       prometheus.NewCounter(prometheus.CounterOpts{Name: "provsim_local_failures_total", Help: "Failures for lack of something on this machine."}),
		latency:     histogram("provsim_latency_seconds", "From when a job was due until it ended.", "job", "outcome"),
		service:     histogram("provsim_service_seconds", "From when a job was started until it ended.", "job", "outcome"),
		lag:         prometheus.NewHistogram(seconds("provsim_lag_seconds", "From when a device was to be woken until it was.")),
		devices:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "provsim_devices", Help: "Devices by state: off, booting, waiting, fetching, idle or failed."}, []string{"state"}),
		provisioned: gauge("provsim_devices_provisioned", "Devices whose latest job succeeded and that have a configuration, whatever they do."),
		bans:        gauge("provsim_bans", "Sites that were served, and then not, while others were."),
	}
	m.registry.MustRegister(
		build, m.transfers, m.transferred,
		m.starts, m.jobs, m.bytes, m.tries, m.local, m.latency, m.service, m.lag, m.devices, m.provisioned, m.bans,
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
	if t := m.between.Of(r); t != nil {
		outcome := "went-on"
		if t.Outcome != resync.None {
			outcome = t.Outcome.String()
		}
		m.transfers.WithLabelValues(t.Class.String(), outcome, strconv.FormatBool(t.Expected)).Inc()
		m.transferred.WithLabelValues(t.Class.String()).Observe(t.Took.Seconds())
	}
	switch r.Kind {
	case device.ResyncStart, device.UpgradeStart, device.KeepAliveStart:
		m.due[m.index(r.Device)] = r.Due
		m.starts.WithLabelValues(r.Job.String(), r.Cause.String()).Inc()
	case device.ResyncDone, device.UpgradeDone, device.KeepAliveDone:
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
	m.provisioned.Set(float64(s.Provisioned))
	m.bans.Set(float64(s.Bans))
}

// Handler serves the metrics in the format that the client asks for.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
