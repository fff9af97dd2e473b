package tally

import (
	"math"
	"time"
)

// Echo is a wave that comes back because all its devices wait for the same time
// until they ask again. Number 0 is the wave itself.
type Echo struct {
	Number int     `json:"number"`
	At     Seconds `json:"at"` // where its period begins
	// Peak1s and Peak10s are the most starts within a second and within ten.
	Peak1s  uint64  `json:"peak_1s"`
	Peak10s uint64  `json:"peak_10s"`
	Mean    float64 `json:"mean"` // starts a second over the period
	// Height is Peak10s as a share of the wave's own; 1 for the wave.
	Height float64 `json:"height"`
}

// echoes returns what came back of a wave in each whole period, up to the next
// wave or the end of the run, and by what factor a period changes the height on
// average (1: the echo does not decay; 0: there are too few echoes).
func (t *Totals) echoes(number int) (all []Echo, decay float64) {
	w := &t.Waves[number]
	period := time.Duration(w.Period)
	if period < time.Second || w.Kind == Other {
		return nil, 0
	}
	end := t.waveEnd(number)
	for k := 0; ; k++ {
		at := time.Duration(w.At) + time.Duration(k)*period
		if at+period > end {
			break
		}
		from, to := int(at/time.Second), int((at+period)/time.Second)
		to = min(to, len(t.seconds))
		e := Echo{
			Number: k, At: Seconds(at), Mean: t.rate(from, to),
			Peak1s: t.peak(time.Second, from, to).Count, Peak10s: t.peak(10*time.Second, from, to).Count,
		}
		all = append(all, e)
	}
	if len(all) == 0 || all[0].Peak10s == 0 {
		return nil, 0
	}
	for i := range all {
		all[i].Height = float64(all[i].Peak10s) / float64(all[0].Peak10s)
	}
	return all, meanDecay(all)
}

// meanDecay is the geometric mean from the first echo to the last. The wave
// itself is left out, as its shape is that of the random delay.
func meanDecay(all []Echo) float64 {
	if len(all) < 3 || all[1].Height == 0 {
		return 0
	}
	last := all[len(all)-1]
	return math.Pow(last.Height/all[1].Height, 1/float64(last.Number-1))
}

// waveEnd returns when the next wave begins, or the run ends.
func (t *Totals) waveEnd(number int) time.Duration {
	for _, later := range t.Waves[number+1:] {
		if later.Kind != Other {
			return time.Duration(later.At)
		}
	}
	return time.Duration(t.Duration)
}

// ReadyAfter returns how long after a mark the share of its devices, over 0 and
// up to 1, were ready. It reports false where that was never so.
func (t *Totals) ReadyAfter(mark int, share float64) (time.Duration, bool) {
	w := &t.Waves[mark]
	want := uint64(math.Ceil(share * float64(w.Devices)))
	got := w.ready.Count()
	if want == 0 || got < want {
		return 0, false
	}
	return w.ready.Quantile(float64(want) / float64(got)), true
}
