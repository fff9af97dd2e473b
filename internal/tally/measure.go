package tally

import (
	"math"
	"time"

	"provsim/resync"
)

// forever is a duration that is longer than any limit.
const forever = float64(math.MaxInt64)

// timeNames are the times that a statistic takes.
var timeNames = []string{"fetch", "latency", "service", "dhcp", "upgrade", "transfer", "lag"}

// statistics are the statistics of times, by their names.
var statistics = []struct {
	name string
	of   func(*Histogram) time.Duration
}{
	{"p50", func(h *Histogram) time.Duration { return h.Quantile(0.50) }},
	{"p90", func(h *Histogram) time.Duration { return h.Quantile(0.90) }},
	{"p95", func(h *Histogram) time.Duration { return h.Quantile(0.95) }},
	{"p99", func(h *Histogram) time.Duration { return h.Quantile(0.99) }},
	{"p999", func(h *Histogram) time.Duration { return h.Quantile(0.999) }},
	{"max", (*Histogram).Max},
	{"mean", (*Histogram).Mean},
}

// shares are the times until a share of the devices is ready, by their names.
var shares = []struct {
	name  string
	share float64
}{{"t50", 0.50}, {"t90", 0.90}, {"t99", 0.99}, {"t100", 1}}

// counts are what is counted, and what it is a share of, by their names.
var counts = []struct {
	name string
	of   func(*Totals) (count, whole uint64)
	part bool // the measure is a part of a whole, so that a percentage has a meaning
}{
	{"failed", func(t *Totals) (uint64, uint64) { j := t.job(resync.Resync); return j.Failures, j.Ended }, true},
	{"provisioned", func(t *Totals) (uint64, uint64) { p := t.provisioned(); return uint64(p.Count), uint64(p.Devices) }, true},
	{"wasted", func(t *Totals) (uint64, uint64) { return t.Wasted, t.job(resync.Resync).Ended }, true},
	{"missed", (*Totals).missed, true},
	{"errors", func(t *Totals) (uint64, uint64) {
		return t.job(resync.Resync).Failures + t.job(resync.Upgrade).Failures, 0
	}, false},
	{"bans", func(t *Totals) (uint64, uint64) { return uint64(len(t.Bans())), 0 }, false},
	{"local", func(t *Totals) (uint64, uint64) { return t.Local, 0 }, false},
}

// Times returns the histogram that the times of a [Threshold] stand for.
func (t *Totals) Times(name string) *Histogram {
	switch name {
	case "service":
		return all(t.service[resync.Resync][:])
	case "upgrade":
		return all(t.latency[resync.Upgrade][:])
	case "transfer":
		return all(t.transfer[:])
	case "dhcp":
		return &t.dhcp
	case "lag":
		return &t.lag
	}
	return all(t.latency[resync.Resync][:])
}

// measure returns the value in the unit of the limit, and whether there is one.
func (t Threshold) measure(totals *Totals) (value float64, known bool) {
	for _, s := range statistics {
		if s.name == t.name {
			h := totals.Times(t.argument)
			return float64(s.of(h)), h.Count() > 0
		}
	}
	for _, s := range shares {
		if s.name == t.name {
			return totals.untilReady(s.share)
		}
	}
	for _, c := range counts {
		if c.name == t.name {
			n, whole := c.of(totals)
			if t.unit == percent {
				return 100 * share(n, whole), whole > 0
			}
			return float64(n), true
		}
	}
	for _, w := range windowNames {
		if w.name == t.argument {
			return float64(totals.Peak(w.window).Count), true
		}
	}
	return 0, false
}

func (t *Totals) untilReady(share float64) (ns float64, known bool) {
	d, ok := t.ReadyAfter(0, share)
	if !ok {
		return forever, t.Devices > 0
	}
	return float64(d), true
}

// windowNames are the windows of peak.
var windowNames = []struct {
	name   string
	window time.Duration
}{{"1s", time.Second}, {"10s", 10 * time.Second}, {"1m", time.Minute}}
