package report

import (
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// countTicks marks whole numbers, about five of them.
type countTicks struct{}

// Ticks returns the marks from min to max.
func (countTicks) Ticks(min, max float64) []plot.Tick {
	step := math.Max(1, niceStep((max-min)/5))
	var ticks []plot.Tick
	for at := math.Ceil(min/step) * step; at <= max; at += step {
		ticks = append(ticks, plot.Tick{Value: at, Label: Count(int(at))})
	}
	return ticks
}

// niceStep rounds up to 1, 2 or 5 times a power of ten.
func niceStep(x float64) float64 {
	if x <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= x {
			return n * power
		}
	}
	return 10 * power
}

// timeTicks marks instants of the run, given in seconds.
type timeTicks struct{ most int }

// timeSteps are the distances that marks may have.
var timeSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 2 * 24 * time.Hour, 5 * 24 * time.Hour,
}

// Ticks returns the marks from min to max.
func (t timeTicks) Ticks(min, max float64) []plot.Tick {
	step := timeSteps[len(timeSteps)-1].Seconds()
	for _, s := range timeSteps {
		if (max-min)/s.Seconds() <= float64(t.most) {
			step = s.Seconds()
			break
		}
	}
	var ticks []plot.Tick
	for at := math.Ceil(min/step) * step; at <= max; at += step {
		ticks = append(ticks, plot.Tick{Value: at, Label: Clock(time.Duration(at) * time.Second)})
	}
	return ticks
}

// lastingTicks marks powers of ten of durations, given in seconds.
type lastingTicks struct{}

// Ticks returns the marks from min to max.
func (lastingTicks) Ticks(min, max float64) []plot.Tick {
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(min)); power <= math.Ceil(math.Log10(max)); power++ {
		at := math.Pow(10, power)
		label := Lasting(time.Duration(math.Round(at * 1e9)))
		if at > 10 {
			label = Count(int(at)) + " s"
		}
		ticks = append(ticks, plot.Tick{Value: at, Label: label})
	}
	return ticks
}

// overTime is a plot whose horizontal axis is the run's time, from from to to
// in seconds, with the marks of the scenario.
func (s *series) overTime(yLabel string, narrow bool) *plot.Plot {
	p := blank(yLabel, narrow)
	p.X.Tick.Marker = timeTicks{most: 12}
	if narrow {
		p.X.Tick.Marker = timeTicks{most: 4}
	}
	p.Y.Tick.Marker = countTicks{}
	p.X.Min, p.X.Max = float64(s.from), float64(s.to)
	p.Y.Min, p.Y.Max = 0, 1
	p.Add(horizontalGrid())
	return p
}

func horizontalGrid() *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical.Width = 0
	g.Horizontal.Color = grid.light
	g.Horizontal.Width = 1
	return g
}

// markLines are the marks of the scenario, as dashed lines with their names.
type markLines struct {
	marks  []markLine
	tint   tint
	narrow bool // without names
}

type markLine struct {
	at   float64 // seconds
	name string
}

// Plot draws the lines, and a name where there is room for it.
func (m markLines) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	style := draw.TextStyle{Color: m.tint.light, Font: sans(10), Handler: p.TextHandler, YAlign: draw.YTop}
	line := draw.LineStyle{Color: m.tint.light, Width: 1, Dashes: []vg.Length{3, 3}}
	free := c.Min.X
	for _, mark := range m.marks {
		if mark.at < p.X.Min || mark.at > p.X.Max {
			continue
		}
		at := x(mark.at)
		c.StrokeLine2(line, at, c.Min.Y, at, c.Max.Y)
		width := style.Width(mark.name) + 8
		if at >= free && at+width < c.Max.X && !m.narrow {
			c.FillText(style, vg.Point{X: at + 4, Y: c.Max.Y}, mark.name)
			free = at + width
		}
	}
}
