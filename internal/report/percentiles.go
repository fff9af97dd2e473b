package report

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"provsim/internal/tally"
)

// percentiles shows how long resyncs took, for the shares of them that took no
// longer. Its axis stretches the slowest: each step is a tenth of what is left.
func percentiles(s *tally.Summary) *figure {
	return &figure{
		name: "latency", title: "How long resyncs took",
		caption: "Read: that share of the resyncs took no longer. The scales grow tenfold from step to step.",
		key:     []keyEntry{{blue, "from due"}, {amber, "from start"}},
		draw: func(narrow bool) *plot.Plot {
			p := blank("", narrow)
			p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, lastingTicks{}
			p.X.Tick.Marker = shareTicks{narrow}
			p.Add(horizontalGrid(),
				quantileLine(s.Counts.Times("latency"), blue),
				quantileLine(s.Counts.Times("service"), amber))
			p.Y.Min = math.Pow(10, math.Floor(math.Log10(p.Y.Min)))
			p.Y.Max = math.Pow(10, math.Ceil(math.Log10(p.Y.Max)+1e-9))
			return p
		},
	}
}

// quantileLine has its X as the number of nines of the share.
func quantileLine(h *tally.Histogram, t tint) *plotter.Line {
	var points plotter.XYs
	most := math.Log10(float64(max(h.Count(), 2)))
	for nines := 0.0; nines <= most; nines += 0.02 {
		d := h.Quantile(1 - math.Pow(10, -nines))
		points = append(points, plotter.XY{X: nines, Y: math.Max(d.Seconds(), time.Microsecond.Seconds())})
	}
	return &plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: t.light, Width: vg.Points(1.6)}}
}

// shareTicks marks 50, 90, 99, 99.9 % and so on, and 0 where there is room.
type shareTicks struct{ narrow bool }

// Ticks returns the marks from min to max.
func (t shareTicks) Ticks(_, most float64) []plot.Tick {
	ticks := []plot.Tick{{Value: math.Log10(2), Label: "50 %"}}
	if !t.narrow {
		ticks = append(ticks, plot.Tick{Label: "0 %"})
	}
	for nines := 1; float64(nines) <= most; nines++ {
		ticks = append(ticks, plot.Tick{Value: float64(nines), Label: fmt.Sprintf("%.*f %%", max(0, nines-2), 100-math.Pow(10, 2-float64(nines)))})
	}
	return ticks
}
