package fleet

import (
	"math"
	"time"

	"provsim/internal/report"
)

// An axis is a scale of equal steps from its first label to its last, so that a
// page needs to know no more than their number to put them in their places.
type axis struct {
	end    float64  // the value of the last label; the first one's is 0
	labels []string // from the first on
}

// How many steps an axis has at most. A narrow screen has no room for more
// instants.
const mostCounts, mostTimes = 5, 4

// counts is an axis of whole numbers up to a value.
func counts(highest int) axis {
	step := 1
	for power := 1; step*mostCounts < highest; power *= 10 {
		for _, n := range []int{1, 2, 5} {
			if step = n * power; step*mostCounts >= highest {
				break
			}
		}
	}
	return steps(float64(step), float64(highest), func(at float64) string { return report.Count(int(at)) })
}

// spans are the steps of an axis of time, in seconds.
var spans = []float64{5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 48 * 3600, 120 * 3600, 240 * 3600}

// times is an axis of a run's time up to an instant, in seconds.
func times(until float64) axis {
	step := spans[len(spans)-1]
	for _, s := range spans {
		if s*mostTimes >= until {
			step = s
			break
		}
	}
	return steps(step, until, func(at float64) string { return report.Clock(time.Duration(at) * time.Second) })
}

// steps is an axis of so many steps as reach a value.
func steps(step, value float64, label func(float64) string) axis {
	n := max(1, int(math.Ceil(value/step)))
	a := axis{end: float64(n) * step}
	for i := range n + 1 {
		a.labels = append(a.labels, label(float64(i)*step))
	}
	return a
}
