package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"provsim/internal/chart"
	"provsim/internal/oneline"
	"provsim/internal/tally"
)

// Figure is a chart of a run, and its numbers.
type Figure struct {
	chart.Chart
	Numbers Table
}

// Figures returns what reports and dashboards show of every run: device states,
// arrivals, latency, and the queue of a modelled server.
func Figures(s *tally.Summary, series *Series) []Figure {
	list := []Figure{states(s, series), arrivals(s, series), latencies(s)}
	if s.Counts.Model != nil {
		list = append(list, queue(s, series))
	}
	return list
}

// figures are those of a report, less the ones that have nothing to show.
func (r *Results) figures() []Figure {
	s := r.Summary
	end := int(time.Duration(s.Counts.Duration)/time.Second) + 1
	list := Figures(s, NewSeries(s))
	if until := firstWave(s); until*3 < end {
		series := newSeries(s, until)
		f := arrivals(s, series)
		f.Caption = series.per()
		f.ID, f.Title = "first-wave", "Resyncs a second in the first "+Lasting(time.Duration(until)*time.Second)
		list = append(list, f)
	}
	for i := range s.Waves {
		if len(s.Waves[i].Echoes) > 1 {
			list = append(list, echoes(i, &s.Waves[i]))
		}
	}
	shown := list[:0]
	for _, f := range list {
		if len(f.Layers) > 0 {
			shown = append(shown, f)
		}
	}
	return shown
}

// firstWave returns the second up to which the first wave has a figure of its own:
// until most devices were provisioned, and half as long again.
func firstWave(s *tally.Summary) int {
	w := s.Waves[0]
	for _, at := range []*tally.Seconds{w.T99, w.T90, w.T50} {
		if at != nil {
			return max(30, int(1.5*time.Duration(*at).Seconds()))
		}
	}
	return math.MaxInt32
}

// overTime returns a chart of a run's time, and the axes for its curves.
func (s *Series) overTime(sum *tally.Summary, highest int) (c chart.Chart, x, y chart.Axis) {
	x, y = chart.Times(float64(s.until), Clock), chart.Counts(highest, Count[int])
	c = chart.Chart{X: x, Y: y}
	var words []string
	for _, w := range sum.Waves {
		if at := time.Duration(w.At); at > 0 && at.Seconds() < float64(s.until) {
			c.Marks = append(c.Marks, chart.Mark{X: at.Seconds() / x.End, Name: oneline.Clean(w.Name)})
			words = append(words, Clock(at)+" "+oneline.Clean(w.Name))
		}
	}
	const shown = 12
	if more := len(words) - shown; more > 0 {
		words = append([]string{fmt.Sprintf("%d earlier", more)}, words[more:]...)
	}
	if len(words) > 0 {
		c.Caption = "Dashed: " + strings.Join(words, ", ") + "."
	}
	return c, x, y
}

// stateOrder is that of the states in their chart, the lowest first.
var stateOrder = []tally.State{tally.Idle, tally.Failed, tally.Fetching, tally.Waiting, tally.Booting, tally.Off}

var stateColours = [tally.NumStates]chart.Colour{
	tally.Off: chart.Stone, tally.Booting: chart.Amber, tally.Waiting: chart.Pale, tally.Fetching: chart.Blue,
	tally.Idle: chart.Green, tally.Failed: chart.Red,
}

// states shows the devices' states, one area above the other.
func states(sum *tally.Summary, s *Series) (f Figure) {
	all := sum.Counts.Devices
	c, x, y := s.overTime(sum, all)
	c.ID, c.Title = "devices", "Device states"
	last := &s.Bins[len(s.Bins)-1]
	for n := len(stateOrder); n > 0; n-- { // the highest sum first, so that the others hide its lower part
		c.Layers = append(c.Layers, chart.Layer{Fill: true, Colour: stateColours[stateOrder[n-1]], Points: s.curve(x, y, func(b *Bin) (sum int) {
			for _, state := range stateOrder[:n] {
				sum += b.States[state]
			}
			return sum
		})})
	}
	var head []string
	for _, state := range stateOrder {
		c.Key = append(c.Key, chart.Key{Colour: stateColours[state], Label: state.String(), Value: Count(last.States[state])})
		head = append(head, state.String())
	}
	c.Says = fmt.Sprintf("At %s %s of %s are provisioned, and %s failed.", Clock(time.Duration(sum.Counts.Duration)),
		Count(last.Provisioned), Plural(all, "device"), Count(last.States[tally.Failed]))
	c.Caption = joined("Idle: provisioned, and nothing under way. Failed: the last job failed. Booting includes the restart after a new configuration.", c.Caption)
	return Figure{c, s.numbers(head, func(b *Bin) (row []int) {
		for _, state := range stateOrder {
			row = append(row, b.States[state])
		}
		return row
	})}
}

// arrivals shows the resyncs that start, succeed and fail in each second.
func arrivals(sum *tally.Summary, s *Series) Figure {
	c, x, y := s.overTime(sum, s.highest(func(b *Bin) int { return max(b.Starts, b.Successes, b.Failures) }))
	c.ID, c.Title = "arrivals", "Resyncs a second"
	c.Layers = []chart.Layer{
		{Colour: chart.Pale, Fill: true, Points: s.curve(x, y, func(b *Bin) int { return b.Starts })},
		{Colour: chart.Red, Fill: true, Points: s.curve(x, y, func(b *Bin) int { return b.Failures })},
		{Colour: chart.Green, Points: s.curve(x, y, func(b *Bin) int { return b.Successes })},
	}
	c.Key = []chart.Key{{Colour: chart.Pale, Label: "started"}, {Colour: chart.Green, Label: "succeeded"}, {Colour: chart.Red, Label: "failed"}}
	c.Says = "No resync has started."
	if peak := sum.Peaks[0]; peak.Count > 0 {
		c.Says = fmt.Sprintf("The peak is %s in the second at %s.", Plural(peak.Count, "resync"), Clock(time.Duration(peak.At)))
	}
	c.Caption = joined(c.Says, s.per(), c.Caption)
	return Figure{c, s.numbers([]string{"started", "succeeded", "failed"}, func(b *Bin) []int { return []int{b.Starts, b.Successes, b.Failures} })}
}

// queue shows what waits at a modelled server.
func queue(sum *tally.Summary, s *Series) Figure {
	of := func(b *Bin) int { return b.Queue }
	c, x, y := s.overTime(sum, s.highest(of))
	c.ID, c.Title = "queue", "Requests that wait at the modelled server"
	if s.highest(of) == 0 {
		c.Says = "No request has to wait."
		return Figure{Chart: c}
	}
	c.Layers = []chart.Layer{{Colour: chart.Amber, Fill: true, Points: s.curve(x, y, of)}}
	c.Key = []chart.Key{{Colour: chart.Amber, Label: "waiting"}}
	c.Says = fmt.Sprintf("At most %s wait at once.", Plural(s.highest(of), "request"))
	c.Caption = joined(c.Says, s.per(), c.Caption)
	return Figure{c, s.numbers([]string{"waiting"}, func(b *Bin) []int { return []int{b.Queue} })}
}

// echoes shows how high a wave comes back: a bar for each of its periods.
func echoes(number int, w *tally.Wave) Figure {
	period := time.Duration(w.Period).Seconds()
	x := chart.Times(period*float64(len(w.Echoes)), Clock)
	y := chart.Counts(int(w.Echoes[0].Peak10s), Count[int])
	for _, e := range w.Echoes {
		y = chart.Counts(max(int(y.End), int(e.Peak10s)), Count[int])
	}
	c := chart.Chart{
		ID: fmt.Sprintf("echoes-%d", number), Title: fmt.Sprintf("Echoes of %q", oneline.Clean(w.Name)), X: x, Y: y,
		Key: []chart.Key{{Colour: chart.Blue, Label: "in 10 s"}},
		Caption: fmt.Sprintf("The most resyncs that started within ten seconds, in each period of %s since %s. The first bar is the wave itself.",
			Lasting(time.Duration(w.Period)), Clock(time.Duration(w.At))),
	}
	c.Says = c.Caption
	t := echoTable(w)
	for k, e := range w.Echoes {
		from, to, height := period*float64(k)/x.End, period*(float64(k)+0.8)/x.End, float64(e.Peak10s)/y.End
		c.Layers = append(c.Layers, chart.Layer{Colour: chart.Blue, Fill: true, Points: []chart.Point{{X: from, Y: height}, {X: to, Y: height}}})
	}
	return Figure{c, t}
}

// latencies shows how long resyncs took, for the shares of them that took no longer.
// Both scales grow tenfold from step to step.
func latencies(s *tally.Summary) Figure {
	due, start := s.Counts.Times("latency"), s.Counts.Times("service")
	c := chart.Chart{ID: "latency", Title: "Latency and service time of resyncs", Says: "No resync has ended."}
	if due.Count() == 0 {
		return Figure{Chart: c}
	}
	nines := max(2, min(6, int(math.Ceil(math.Log10(float64(due.Count()))))))
	for n := range nines + 1 {
		c.X.Labels = append(c.X.Labels, fmt.Sprintf("%.*f %%", max(0, n-2), 100*shareOf(float64(n))))
	}
	low := decade(min(due.Quantile(0), start.Quantile(0)), math.Floor)
	high := max(low+1, decade(max(due.Max(), start.Max()), math.Ceil))
	for power := low; power <= high; power++ {
		c.Y.Labels = append(c.Y.Labels, Lasting(time.Duration(math.Round(math.Pow10(power)))))
	}
	c.Layers = []chart.Layer{{Colour: chart.Amber, Points: quantiles(start, nines, low, high)}, {Colour: chart.Blue, Points: quantiles(due, nines, low, high)}}
	c.Key = []chart.Key{{Colour: chart.Blue, Label: "latency"}, {Colour: chart.Amber, Label: "service time"}}
	c.Caption = "Read: that share of the resyncs took no longer. Latency counts from when a resync was due, service time from its start. Both scales grow tenfold from step to step."
	c.Says = fmt.Sprintf("Half of the resyncs took up to %s, 99 %% up to %s.", Lasting(due.Quantile(0.5)), Lasting(due.Quantile(0.99)))
	t := Table{Head: []string{"share", "latency", "service time"}}
	for _, q := range []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1} {
		t.row(fmt.Sprintf("%g %%", 100*q), Lasting(due.Quantile(q)), Lasting(start.Quantile(q)))
	}
	return Figure{c, t}
}

// shareOf returns the share that has a number of nines.
func shareOf(nines float64) float64 { return 1 - math.Pow(10, -nines) }

// decade returns the power of ten of nanoseconds about a duration.
func decade(d time.Duration, round func(float64) float64) int {
	return int(round(math.Log10(float64(max(d, time.Microsecond)))))
}

// quantiles draws a histogram between two powers of ten, in straight lines.
func quantiles(h *tally.Histogram, nines, low, high int) (points []chart.Point) {
	const perNine = 20
	for at := range nines*perNine + 1 {
		d := float64(max(h.Quantile(shareOf(float64(at)/perNine)), time.Microsecond))
		part := (math.Log10(d) - float64(low)) / float64(high-low)
		points = append(points, chart.Point{X: float64(at) / float64(nines*perNine), Y: min(max(part, 0), 1)})
	}
	return points
}

// per says what a step of a curve is.
func (s *Series) per() string {
	if s.Width == 1 {
		return ""
	}
	return fmt.Sprintf("Each step is the highest second out of %s.", Lasting(time.Duration(s.Width)*time.Second))
}

// numbers is a series as a table, with as many rows as people read.
func (s *Series) numbers(head []string, row func(*Bin) []int) Table {
	const rows = 25
	t := Table{Head: append([]string{"from"}, head...)}
	every := (len(s.Bins) + rows - 1) / rows
	for i := 0; i < len(s.Bins); i += every {
		cells := []string{Clock(time.Duration(s.Bins[i].Second) * time.Second)}
		for _, n := range row(&s.Bins[i]) {
			cells = append(cells, Count(n))
		}
		t.row(cells...)
	}
	return t
}

func joined(sentences ...string) string {
	var there []string
	for _, s := range sentences {
		if s != "" {
			there = append(there, s)
		}
	}
	return strings.Join(there, " ")
}
