package limits

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Watch collects what tells whether this machine was the limit. Its methods
// may be called from any goroutine.
type Watch struct {
	thresholds Thresholds
	machine    Reader

	mu      sync.Mutex
	lag     *hdrhistogram.Histogram // of jobs, in microseconds
	latest  time.Duration           // of all that devices were due to do
	lacks   int
	lacked  string // what the last failure said
	peak    peak
	samples []sample // of the last window
}

// A peak is the most that was seen, and for a share the limit it was of.
type peak struct {
	readings Readings
	cpu      float64 // share of the processors over a window
}

// A sample is how much processor time was used by an instant.
type sample struct {
	at, cpu time.Duration
}

// The resolution of lags: a microsecond, up to an hour, within 1 %.
const (
	finestLag   = 1
	largestLag  = int64(time.Hour / time.Microsecond)
	lagAccuracy = 2
)

// New returns a watch over a machine.
func New(t Thresholds, m Reader) *Watch {
	return &Watch{thresholds: t, machine: m, lag: hdrhistogram.New(finestLag, largestLag, lagAccuracy)}
}

// Woke reports when a device was due to do something and when it did it, as instants of
// the run. Only the latest call counts: all phones of a morning boot at one instant,
// and that takes a while, but their requests count from their boot.
func (w *Watch) Woke(due, did time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.latest = max(w.latest, did-due)
}

// Started reports when a job was due and when it began, as instants of the run. A job
// that begins early has no lag.
func (w *Watch) Started(due, began time.Duration) {
	late := min(max(0, int64((began-due)/time.Microsecond)), largestLag)
	w.mu.Lock()
	defer w.mu.Unlock()
	// It errs for values above the largest only.
	_ = w.lag.RecordValue(late)
}

// Lacked reports that a transfer failed for lack of a resource of this machine
// ([device.Reply.Local]). Note is the reply's.
func (w *Watch) Lacked(note string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lacks++
	w.lacked = note
}

// Sample measures the machine. Call it about once a second; now is the instant of the
// run.
func (w *Watch) Sample(now time.Duration) {
	r := w.machine.Read()
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &w.peak.readings
	higher(&p.Descriptors, &p.DescriptorLimit, r.Descriptors, r.DescriptorLimit)
	higher(&p.Ports, &p.PortLimit, r.Ports, r.PortLimit)
	higher(&p.Memory, &p.MemoryLimit, r.Memory, r.MemoryLimit)
	p.CPU, p.CPUs = r.CPU, r.CPUs
	w.samples = append(w.samples, sample{now, r.CPU})
	for len(w.samples) > 2 && now-w.samples[1].at >= w.thresholds.Window {
		w.samples = w.samples[1:]
	}
	first := w.samples[0]
	if span := now - first.at; span > 0 && span >= w.thresholds.Window && r.CPUs > 0 {
		w.peak.cpu = max(w.peak.cpu, (r.CPU-first.cpu).Seconds()/span.Seconds()/r.CPUs)
	}
}

// higher keeps the reading that was the larger share of its limit.
func higher(used, limit *uint64, u, l uint64) {
	if *limit == 0 || share(u, l) > share(*used, *limit) {
		*used, *limit = u, l
	}
}

func share(used, limit uint64) float64 {
	if limit == 0 {
		return 0
	}
	return float64(used) / float64(limit)
}
