package fleet

import (
	"fmt"
	"math"
	"strings"
	"time"

	"provsim/internal/report"
	"provsim/internal/tally"
)

// nine is the width of one more nine of the share, in the latency chart's units.
const nine = 100

const latencyTitle = "How long resyncs took"

// latencies shows how long resyncs took, for the shares of them that took no
// longer. Both scales grow tenfold from step to step.
func (v *view) latencies() chart {
	due, start := v.results.Summary.Counts.Times("latency"), v.results.Summary.Counts.Times("service")
	if due.Count() == 0 {
		return chart{ID: "latency", Title: latencyTitle, Says: "No resync has ended."}
	}
	nines := max(2, min(6, int(math.Ceil(math.Log10(float64(due.Count()))))))
	x := axis{}
	for n := range nines + 1 {
		x.labels = append(x.labels, fmt.Sprintf("%.*f %%", max(0, n-2), 100*share(float64(n))))
	}
	low := decade(min(due.Quantile(0), start.Quantile(0)), math.Floor)
	high := max(low+1, decade(max(due.Max(), start.Max()), math.Ceil))
	y := axis{}
	for power := low; power <= high; power++ {
		y.labels = append(y.labels, report.Lasting(time.Duration(math.Round(math.Pow10(power)))))
	}
	c := newChart(nines*nine, x, y)
	c.ID, c.Title = "latency", latencyTitle
	c.Layers = []layer{{"from-start", quantiles(start, nines, low, high)}, {"from-due", quantiles(due, nines, low, high)}}
	c.Key = []keyEntry{{Class: "from-due", Label: "from due"}, {Class: "from-start", Label: "from start"}}
	c.Caption = "Read: that share of the resyncs took no longer. The scales grow tenfold from step to step."
	c.Says = fmt.Sprintf("Half of the resyncs took up to %s, 99 %% up to %s.", report.Lasting(due.Quantile(0.5)), report.Lasting(due.Quantile(0.99)))
	c.Numbers = report.Table{Head: []string{"share", "from due", "from start"}}
	for _, q := range []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1} {
		c.Numbers.Rows = append(c.Numbers.Rows, []string{fmt.Sprintf("%g %%", 100*q), report.Lasting(due.Quantile(q)), report.Lasting(start.Quantile(q))})
	}
	return c
}

// share returns the share that has so many nines.
func share(nines float64) float64 { return 1 - math.Pow(10, -nines) }

// decade returns the power of ten of nanoseconds about a duration.
func decade(d time.Duration, round func(float64) float64) int {
	return int(round(math.Log10(float64(max(d, time.Microsecond)))))
}

// quantiles draws a histogram between two powers of ten, in straight lines.
func quantiles(h *tally.Histogram, nines, low, high int) string {
	var b strings.Builder
	const step = 5
	command := 'M'
	for at := 0; at <= nines*nine; at += step {
		d := float64(max(h.Quantile(share(float64(at)/nine)), time.Microsecond))
		part := (math.Log10(d) - float64(low)) / float64(high-low)
		fmt.Fprintf(&b, "%c%d %d", command, at, int(math.Round(height*(1-min(max(part, 0), 1)))))
		command = 'L'
	}
	return b.String()
}
