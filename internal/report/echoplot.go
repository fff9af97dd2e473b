package report

import (
	"fmt"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"provsim/internal/tally"
)

// echoes shows how high a wave comes back.
func echoes(number int, w *tally.Wave) *figure {
	return &figure{
		name:  fmt.Sprintf("echoes-%d", number),
		title: fmt.Sprintf("Echoes of %q", oneLine(w.Name)),
		caption: fmt.Sprintf("The most resyncs that started within ten seconds, in each period of %s after %s. Number 0 is the wave itself.",
			Lasting(time.Duration(w.Period)), Clock(time.Duration(w.At))),
		key: []keyEntry{{blue, "in 10 s"}},
		draw: func(narrow bool) *plot.Plot {
			p := blank("resyncs in 10 s", narrow)
			p.Y.Tick.Marker = countTicks{}
			p.X.Tick.Marker = countTicks{}
			p.Add(horizontalGrid(), bars(w.Echoes, narrow))
			p.X.Min, p.X.Max = -0.6, float64(len(w.Echoes))-0.4
			p.Y.Min, p.Y.Max = 0, max(1, 1.1*p.Y.Max)
			return p
		},
	}
}

func bars(echoes []tally.Echo, narrow bool) *plotter.BarChart {
	heights := make(plotter.Values, len(echoes))
	for i, e := range echoes {
		heights[i] = float64(e.Peak10s)
	}
	room := vg.Length(wideWidth)
	if narrow {
		room = narrowWidth
	}
	b := &plotter.BarChart{Values: heights, Width: min(36, 0.6*room/vg.Length(len(echoes)+1))}
	b.Color = blue.light
	b.LineStyle.Width = 0
	return b
}
