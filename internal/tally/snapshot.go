package tally

import (
	"time"

	"provsim/resync"
)

// Snapshot is how a run stands.
type Snapshot struct {
	At     time.Duration  // of the latest record
	States [NumStates]int // devices by what they do
	Ready  int            // devices with a success since their power came

	Started  uint64 // resyncs since the run began
	Ended    uint64
	Failed   uint64   // of those that ended
	Rate     float64  // resyncs that started a second, over the last ten whole seconds
	Outcomes Outcomes // by job and outcome

	P50, P99 time.Duration // latency of the resyncs; 0 without any
	LagP99   time.Duration // of the schedule; this machine's own
	Local    uint64        // failures that were this machine's
	Bytes    uint64
	Bans     int
}

// Snapshot returns how the run stands. It takes some hundred microseconds, and
// with many sites some milliseconds, so call it once or a few times a second.
func (t *Tally) Snapshot() Snapshot {
	s := Snapshot{
		At: t.at, States: t.states, Ready: t.ready,
		Outcomes: t.totals.Outcomes, Local: t.totals.Local, Bytes: t.totals.Bytes,
		LagP99: t.totals.lag.Quantile(0.99), Bans: len(t.totals.Bans()), Started: t.resyncs,
	}
	s.Ended, s.Failed = s.Outcomes.Ended(resync.Resync)
	latency := all(&t.totals.latency[resync.Resync])
	s.P50, s.P99 = latency.Quantile(0.50), latency.Quantile(0.99)
	last := min(int(t.at/time.Second), len(t.totals.seconds))
	if from := max(0, last-10); from < last {
		for _, row := range t.totals.seconds[from:last] {
			s.Rate += float64(row.starts)
		}
		s.Rate /= float64(last - from)
	}
	return s
}
