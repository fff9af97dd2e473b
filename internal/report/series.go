package report

import (
	"time"

	"provsim/internal/chart"
	"provsim/internal/tally"
)

// mostBins is how many steps a curve has at most.
const mostBins = 300

// Bin is what several seconds of a run become in a curve.
type Bin struct {
	Second      int                  `json:"second"`    // its first, since the run began
	Starts      int                  `json:"starts"`    // of resyncs, in the highest of its seconds
	Successes   int                  `json:"successes"` // likewise
	Failures    int                  `json:"failures"`
	Queue       int                  `json:"queue"`
	Provisioned int                  `json:"provisioned"` // devices, at its end
	States      [tally.NumStates]int `json:"-"`           // likewise
}

// Series is the beginning of a run's curves, coarse enough to be drawn.
type Series struct {
	Width int // seconds in a bin
	Bins  []Bin
	until int // seconds
}

// NewSeries returns the curves of a run up to its end so far.
func NewSeries(s *tally.Summary) *Series {
	return newSeries(s, int((time.Duration(s.Counts.Duration)+time.Second-1)/time.Second))
}

// newSeries returns the curves up to a second.
func newSeries(s *tally.Summary, until int) *Series {
	until = max(1, until)
	out := &Series{Width: max(1, (until+mostBins-1)/mostBins), until: until}
	for p := range s.Counts.Curve {
		if p.Second > until {
			break
		}
		// Events at the instant of the end count in the second before it.
		if min(p.Second, until-1)/out.Width == len(out.Bins) {
			out.Bins = append(out.Bins, Bin{Second: p.Second})
		}
		b := &out.Bins[len(out.Bins)-1]
		b.Starts, b.Queue = max(b.Starts, p.Starts), max(b.Queue, p.Queue)
		b.Successes, b.Failures = max(b.Successes, p.Successes), max(b.Failures, p.Failures)
		b.Provisioned, b.States = p.Provisioned, p.States
	}
	return out
}

// highest returns the largest value of the bins.
func (s *Series) highest(of func(*Bin) int) (most int) {
	for i := range s.Bins {
		most = max(most, of(&s.Bins[i]))
	}
	return most
}

// curve returns a curve as steps from bin to bin.
func (s *Series) curve(x, y chart.Axis, of func(*Bin) int) []chart.Point {
	points := make([]chart.Point, len(s.Bins))
	for i := range s.Bins {
		points[i] = chart.Point{X: float64(s.Bins[i].Second) / x.End, Y: float64(of(&s.Bins[i])) / y.End}
	}
	return chart.Steps(points, float64(s.until)/x.End)
}
