package chart

import (
	"math"
	"time"
)

// Axis is a scale of equal steps from its first label to its last.
type Axis struct {
	End    float64  // the value of the last label of an axis that begins with 0
	Labels []string // from the first on
}

// How many steps an axis has at most. A narrow screen shows every second instant.
const mostCounts, mostTimes = 5, 6

// Counts is an axis of whole numbers from 0 up to at least a value.
func Counts(highest int, label func(int) string) Axis {
	highest = max(1, highest)
	step := 1
	for power := 1; step*mostCounts < highest; power *= 10 {
		for _, n := range []int{1, 2, 5} {
			if step = n * power; step*mostCounts >= highest {
				break
			}
		}
	}
	return steps(float64(step), float64(highest), func(at float64) string { return label(int(at)) })
}

// spans are the steps of an axis of time, in seconds.
var spans = []float64{5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 48 * 3600, 120 * 3600, 240 * 3600}

// Times is an axis of time from 0 up to at least an instant, in seconds.
func Times(until float64, label func(time.Duration) string) Axis {
	step := spans[len(spans)-1]
	for _, s := range spans {
		if s*mostTimes >= until {
			step = s
			break
		}
	}
	return steps(step, until, func(at float64) string { return label(time.Duration(at) * time.Second) })
}

// steps is an axis with as many steps as reach a value.
func steps(step, value float64, label func(float64) string) Axis {
	n := max(1, int(math.Ceil(value/step)))
	a := Axis{End: float64(n) * step}
	for i := range n + 1 {
		a.Labels = append(a.Labels, label(float64(i)*step))
	}
	return a
}
