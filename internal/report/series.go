package report

import (
	"provsim/internal/tally"
)

// bins is how many points a curve is drawn with at most.
const bins = 450

// bin is what several seconds of a curve become.
type bin struct {
	second    int // its first
	starts    int // the highest of its seconds
	successes int // likewise
	failures  int
	queue     int
	ready     int // at its end
	states    [tally.NumStates]int
}

// series is a part of a run's curves, coarse enough to be drawn.
type series struct {
	from, to int // seconds; to is the first after the end
	width    int // seconds in a bin
	bins     []bin
	marks    []markLine
}

// newSeries looks at the seconds from from up to to.
func newSeries(s *tally.Summary, from, to int) *series {
	out := &series{from: from, to: to, width: max(1, (to-from+bins-1)/bins)}
	for p := range s.Counts.Curve {
		if p.Second >= from && p.Second < to {
			out.add(p)
		}
	}
	for _, w := range s.Waves {
		if w.At > 0 {
			out.marks = append(out.marks, markLine{at: float64(w.At) / 1e9, name: oneLine(w.Name)})
		}
	}
	return out
}

func (s *series) add(p tally.Point) {
	if i := (p.Second - s.from) / s.width; i == len(s.bins) {
		s.bins = append(s.bins, bin{second: s.from + i*s.width})
	}
	b := &s.bins[len(s.bins)-1]
	b.starts, b.queue = max(b.starts, p.Starts), max(b.queue, p.Queue)
	b.successes, b.failures = max(b.successes, p.Successes), max(b.failures, p.Failures)
	b.ready, b.states = p.Ready, p.States
}

// highest returns the largest value of the bins, at least 1.
func (s *series) highest(of func(*bin) int) float64 {
	most := 1
	for i := range s.bins {
		most = max(most, of(&s.bins[i]))
	}
	return float64(most)
}
