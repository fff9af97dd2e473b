package fleet

import (
	"time"

	"provsim/internal/tally"
)

// mostBins is how many steps a curve has at most.
const mostBins = 300

// bin is what several seconds of a run become.
type bin struct {
	Second    int                  `json:"second"`    // its first, since the run began
	Starts    int                  `json:"starts"`    // of resyncs, in the highest of its seconds
	Successes int                  `json:"successes"` // likewise
	Failures  int                  `json:"failures"`
	Queue     int                  `json:"queue"`
	Ready     int                  `json:"ready"` // devices, at its end
	States    [tally.NumStates]int `json:"-"`     // likewise
}

// series is a run's curves, coarse enough to be drawn.
type series struct {
	width int // seconds in a bin
	bins  []bin
	rate  float64 // resyncs a second, over the last ten whole seconds
}

func newSeries(s *tally.Summary) *series {
	end := int(time.Duration(s.Counts.Duration)/time.Second) + 1
	out := &series{width: max(1, (end+mostBins-1)/mostBins)}
	last := 0
	for p := range s.Counts.Curve {
		if i := p.Second / out.width; i == len(out.bins) {
			out.bins = append(out.bins, bin{Second: p.Second})
		}
		out.bins[len(out.bins)-1].add(p)
		if p.Second < end-1 && p.Second >= end-11 {
			last += p.Starts
		}
	}
	out.rate = float64(last) / float64(max(1, min(10, end-1)))
	return out
}

func (b *bin) add(p tally.Point) {
	b.Starts, b.Queue = max(b.Starts, p.Starts), max(b.Queue, p.Queue)
	b.Successes, b.Failures = max(b.Successes, p.Successes), max(b.Failures, p.Failures)
	b.Ready, b.States = p.Ready, p.States
}

// end returns how the run stands at its end so far.
func (s *series) end() bin { return s.bins[len(s.bins)-1] }

// highest returns the largest value of the bins.
func (s *series) highest(of func(*bin) int) (most int) {
	for i := range s.bins {
		most = max(most, of(&s.bins[i]))
	}
	return most
}
