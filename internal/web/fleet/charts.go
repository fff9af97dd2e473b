package fleet

import (
	"fmt"
	"time"

	"provsim/internal/report"
	"provsim/internal/tally"
)

// charts returns the pictures of a view.
func charts(v *view) []chart {
	list := []chart{v.states(), v.arrivals(), v.latencies()}
	if v.results.Summary.Counts.Model != nil {
		list = append(list, v.queue())
	}
	return list
}

// order is that of the states in their chart, the lowest first.
var order = []tally.State{tally.Provisioned, tally.Failed, tally.Fetching, tally.Waiting, tally.Booting, tally.Off}

// states shows what the devices do, one area upon the other.
func (v *view) states() chart {
	s := v.series
	all := v.results.Summary.Counts.Devices
	c, y := s.overTime(v, all)
	c.ID, c.Title = "states", "Devices by what they do"
	end := s.end()
	for n := len(order); n > 0; n-- { // the highest sum first, so that the others hide its lower part
		c.Layers = append(c.Layers, layer{"state " + order[n-1].String(), s.area(y, func(b *bin) (sum int) {
			for _, state := range order[:n] {
				sum += b.States[state]
			}
			return sum
		})})
	}
	var head []string
	for _, state := range order {
		link := ""
		if v.tally != nil {
			link = "/devices?state=" + state.String()
		}
		c.Key = append(c.Key, keyEntry{state.String(), state.String(), report.Count(end.States[state]), link})
		head = append(head, state.String())
	}
	c.Says = fmt.Sprintf("Of %s devices %s are provisioned and %s failed at %s.",
		report.Count(all), report.Count(end.States[tally.Provisioned]), report.Count(end.States[tally.Failed]), report.Clock(v.now))
	c.Numbers = s.numbers(head, func(b *bin) (row []string) {
		for _, state := range order {
			row = append(row, report.Count(b.States[state]))
		}
		return row
	})
	return c
}

// arrivals shows the resyncs that start, succeed and fail.
func (v *view) arrivals() chart {
	s := v.series
	c, y := s.overTime(v, s.highest(func(b *bin) int { return max(b.Starts, b.Successes, b.Failures) }))
	c.ID, c.Title = "arrivals", "Resyncs a second"
	c.Layers = []layer{
		{"started", s.area(y, func(b *bin) int { return b.Starts })},
		{"failures", s.area(y, func(b *bin) int { return b.Failures })},
		{"successes", s.line(y, func(b *bin) int { return b.Successes })},
	}
	c.Key = []keyEntry{{Class: "started", Label: "started"}, {Class: "successes", Label: "succeeded"}, {Class: "failures", Label: "failed"}}
	peak := v.results.Summary.Peaks[0]
	c.Says = "No resync has started."
	if peak.Count > 0 {
		c.Says = fmt.Sprintf("The peak is %s resyncs in the second at %s.", report.Count(peak.Count), report.Clock(time.Duration(peak.At)))
	}
	c.Caption = joined(c.Says, s.per(), c.Caption)
	c.Numbers = s.numbers([]string{"started", "succeeded", "failed"}, func(b *bin) []string {
		return []string{report.Count(b.Starts), report.Count(b.Successes), report.Count(b.Failures)}
	})
	return c
}

// queue shows what waits at a modelled server.
func (v *view) queue() chart {
	s := v.series
	of := func(b *bin) int { return b.Queue }
	c, y := s.overTime(v, s.highest(of))
	c.ID, c.Title = "queue", "Requests that wait at the modelled server"
	c.Layers = []layer{{"waiting-requests", s.area(y, of)}}
	c.Key = []keyEntry{{Class: "waiting-requests", Label: "waiting"}}
	c.Says = fmt.Sprintf("At most %s requests wait at once.", report.Count(s.highest(of)))
	c.Caption = joined(c.Says, s.per(), c.Caption)
	c.Numbers = s.numbers([]string{"waiting"}, func(b *bin) []string { return []string{report.Count(b.Queue)} })
	return c
}

// per says what a step of a curve is.
func (s *series) per() string {
	if s.width == 1 {
		return ""
	}
	return fmt.Sprintf("Each step is the highest second out of %s.", report.Lasting(time.Duration(s.width)*time.Second))
}

func joined(sentences ...string) (text string) {
	for _, s := range sentences {
		if text != "" && s != "" {
			text += " "
		}
		text += s
	}
	return text
}
