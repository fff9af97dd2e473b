package tally

import (
	"time"

	"provsim/resync"
)

// Snapshot is how a run stands.
type Snapshot struct {
	At          time.Duration
	States      [NumStates]int // devices by what they do
	Provisioned int            // devices whose latest job succeeded and that have a configuration

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

// Snapshot returns how the run stands at an instant, which is not before the
// latest record. It takes some hundred microseconds, and
// with many sites some milliseconds, so call it once or a few times a second.
func (t *Tally) Snapshot(now time.Duration) Snapshot {
	s := Snapshot{
		At: now, States: t.states, Provisioned: t.provisioned,
		Outcomes: t.totals.Outcomes, Local: t.totals.Local, Bytes: t.totals.Bytes,
		LagP99: t.totals.lag.Quantile(0.99), Bans: len(t.totals.Bans()), Started: t.resyncs,
	}
	s.Ended, s.Failed = s.Outcomes.Ended(resync.Resync)
	latency := all(t.totals.latency[resync.Resync][:])
	s.P50, s.P99 = latency.Quantile(0.50), latency.Quantile(0.99)
	s.Rate = t.totals.Rate(now)
	return s
}

// Rate returns how many resyncs started a second, over the last ten whole seconds
// before an instant.
func (t *Totals) Rate(now time.Duration) (rate float64) {
	last := int(now / time.Second)
	from := max(0, last-10)
	if from == last {
		return 0
	}
	for i := from; i < min(last, len(t.seconds)); i++ {
		rate += float64(t.seconds[i].starts)
	}
	return rate / float64(last-from)
}
