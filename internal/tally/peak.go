package tally

import "time"

// Windows are the lengths of time over which peaks are looked for.
var windows = [...]time.Duration{time.Second, 10 * time.Second, time.Minute}

// Peak is the most resyncs that started within a window of time. Windows begin
// at whole seconds.
type Peak struct {
	Window Seconds `json:"window"`
	Count  uint64  `json:"count"`
	Rate   float64 `json:"rate"` // a second, on average over the window
	At     Seconds `json:"at"`   // where the window begins
	// ToMean is Rate divided by the mean rate of the whole run; 0 without any start.
	ToMean float64 `json:"to_mean"`
}

// Peak returns the highest peak over a window of whole seconds, the first of
// several that are equal.
func (t *Totals) Peak(window time.Duration) Peak {
	p := t.peak(window, 0, len(t.seconds))
	if mean := t.rate(0, len(t.seconds)); mean > 0 {
		p.ToMean = p.Rate / mean
	}
	return p
}

// peak looks for a peak in the seconds from to to.
func (t *Totals) peak(window time.Duration, from, to int) Peak {
	width := int(window / time.Second)
	p := Peak{Window: Seconds(window)}
	var sum uint64
	for i := from; i < to; i++ {
		sum += uint64(t.seconds[i].starts)
		if i-width >= from {
			sum -= uint64(t.seconds[i-width].starts)
		}
		if sum > p.Count {
			p.Count, p.At = sum, Seconds(time.Duration(max(from, i-width+1))*time.Second)
		}
	}
	p.Rate = float64(p.Count) / window.Seconds()
	return p
}

// rate returns the mean number of starts a second in the seconds from to to.
func (t *Totals) rate(from, to int) float64 {
	var sum uint64
	for i := from; i < to; i++ {
		sum += uint64(t.seconds[i].starts)
	}
	if sum == 0 {
		return 0
	}
	span := float64(to - from)
	if end := time.Duration(t.Duration).Seconds(); end > 0 && to == len(t.seconds) {
		span = max(1, end-float64(from)) // the last second may be begun only
	}
	return float64(sum) / span
}
