package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"provsim/internal/tally"
)

// plots returns the figures that the run has something to show in.
func (r *Results) plots() []*figure {
	s := r.Summary
	end := int(time.Duration(s.Counts.Duration)/time.Second) + 1
	whole := newSeries(s, 0, end)
	figures := []*figure{arrivals("arrivals", "Resyncs over the whole run", whole)}
	if until := firstWave(s); until*3 < end {
		figures = append(figures, arrivals("first-wave", "The first "+Lasting(time.Duration(until)*time.Second), newSeries(s, 0, until)))
	}
	figures = append(figures, states(whole))
	if _, ok := times(s, "latency"); ok {
		figures = append(figures, percentiles(s))
	}
	if s.Counts.Model != nil {
		figures = append(figures, queue(whole))
	}
	for i := range s.Waves {
		if len(s.Waves[i].Echoes) > 1 {
			figures = append(figures, echoes(i, &s.Waves[i]))
		}
	}
	return figures
}

// firstWave returns until what second the first wave is worth a look of its
// own: until most devices were ready, and as long again by half.
func firstWave(s *tally.Summary) int {
	w := s.Waves[0]
	for _, at := range []*tally.Seconds{w.T99, w.T90, w.T50} {
		if at != nil {
			return max(30, int(1.5*time.Duration(*at).Seconds()))
		}
	}
	return math.MaxInt32
}

func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

func per(width int) string {
	if width == 1 {
		return "Each point is one second."
	}
	return fmt.Sprintf("Each point is the highest second out of %s.", Lasting(time.Duration(width)*time.Second))
}

// arrivals shows the resyncs that start, succeed and fail in each second.
func arrivals(name, title string, s *series) *figure {
	f := &figure{
		name: name, title: title, caption: per(s.width),
		key: []keyEntry{{paleBlue, "started"}, {green, "succeeded"}},
	}
	if slices.ContainsFunc(s.bins, func(b bin) bool { return b.failures > 0 }) {
		f.key = append(f.key, keyEntry{red, "failed"})
	}
	f.draw = func(narrow bool) *plot.Plot {
		p := s.overTime("resyncs a second", narrow)
		p.Add(
			s.area(func(b *bin) int { return b.starts }, paleBlue),
			s.area(func(b *bin) int { return b.failures }, red),
			s.line(func(b *bin) int { return b.successes }, green),
			markLines{s.marks, faint, narrow},
		)
		p.Y.Max = 1.12 * s.highest(func(b *bin) int { return max(b.starts, b.successes, b.failures) })
		return p
	}
	return f
}

// states shows what the devices do, one area upon the other.
func states(s *series) *figure {
	order := []tally.State{tally.Provisioned, tally.Failed, tally.Fetching, tally.Waiting, tally.Booting, tally.Off}
	f := &figure{
		name: "devices", title: "Devices by what they do",
		caption: "Provisioned and failed say how the last resync ended; booting includes the restart after a new configuration.",
	}
	for _, state := range order {
		f.key = append(f.key, keyEntry{stateTint[state], state.String()})
	}
	f.draw = func(narrow bool) *plot.Plot {
		p := s.overTime("devices", narrow)
		for n := len(order); n > 0; n-- { // the highest sum first, so that the others hide its lower part
			p.Add(s.area(func(b *bin) (sum int) {
				for _, state := range order[:n] {
					sum += b.states[state]
				}
				return sum
			}, stateTint[order[n-1]]))
		}
		p.Add(markLines{s.marks, ink, narrow})
		p.Y.Max = s.highest(func(b *bin) (sum int) {
			for _, n := range b.states {
				sum += n
			}
			return sum
		})
		return p
	}
	return f
}

func queue(s *series) *figure {
	return &figure{
		name: "queue", title: "Requests that wait at the modelled server", caption: per(s.width),
		key: []keyEntry{{amber, "waiting"}},
		draw: func(narrow bool) *plot.Plot {
			p := s.overTime("requests", narrow)
			p.Add(s.area(func(b *bin) int { return b.queue }, amber), markLines{s.marks, faint, narrow})
			p.Y.Max = 1.12 * s.highest(func(b *bin) int { return b.queue })
			return p
		},
	}
}

// xys returns a curve as steps from bin to bin.
func (s *series) xys(of func(*bin) int) plotter.XYs {
	points := make(plotter.XYs, 0, len(s.bins)+1)
	for i := range s.bins {
		points = append(points, plotter.XY{X: float64(s.bins[i].second), Y: float64(of(&s.bins[i]))})
	}
	if n := len(points); n > 0 {
		points = append(points, plotter.XY{X: float64(s.to), Y: points[n-1].Y})
	}
	return points
}

func (s *series) line(of func(*bin) int, t tint) *plotter.Line {
	return &plotter.Line{
		XYs: s.xys(of), StepStyle: plotter.PostStep,
		LineStyle: draw.LineStyle{Color: t.light, Width: vg.Points(1.3)},
	}
}

func (s *series) area(of func(*bin) int, t tint) *plotter.Line {
	return &plotter.Line{XYs: s.xys(of), StepStyle: plotter.PostStep, FillColor: t.light}
}
