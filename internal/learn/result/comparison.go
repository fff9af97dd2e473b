package result

import (
	"fmt"
	"io"

	"provsim/internal/chart"
	"provsim/internal/learn"
	"provsim/internal/report"
)

// Comparison is a wave of the logs beside the plan of it.
type Comparison struct {
	Log  learn.Wave `json:"log"`
	Plan learn.Wave `json:"plan"`
}

// Document shows the comparison for people.
func (c *Comparison) Document() report.Document {
	t := report.Table{Title: "The wave in the logs and in the plan", Head: []string{"", "logs", "plan", "difference"}}
	count := func(name string, logged, planned int) {
		add(&t, name, report.Count(logged), report.Count(planned), difference(float64(logged), float64(planned)))
	}
	count("phones", c.Log.Phones, c.Plan.Phones)
	count("most that began in 10 s", c.Log.Peak10, c.Plan.Peak10)
	back := func(name string, logged, planned learn.Seconds) {
		add(&t, name+" had a configuration after", after(logged), after(planned), difference(float64(logged), float64(planned)))
	}
	back("50 %", c.Log.Back50, c.Plan.Back50)
	back("90 %", c.Log.Back90, c.Plan.Back90)
	back("99 %", c.Log.Back99, c.Plan.Back99)
	return report.Document{
		Title: "Replay", Headline: "the wave of " + clock(c.Log.At) + " (UTC) beside its plan",
		Tells: "What it says", Of: "the replay", Tables: []report.Table{t},
		Answer: []string{fmt.Sprintf("Peak: %s. Time until 90 %% were back: %s.", difference(float64(c.Log.Peak10), float64(c.Plan.Peak10)), difference(float64(c.Log.Back90), float64(c.Plan.Back90)))},
		Figures: []report.Figure{
			c.figure("begins", "Phones that have asked", func(w *learn.Wave) []int { return w.Begins }),
			c.figure("backs", "Phones that have a configuration", func(w *learn.Wave) []int { return w.Backs }),
		},
	}
}

// difference says how far a plan is from what was logged.
func difference(logged, planned float64) string {
	switch {
	case logged < 0 && planned < 0 || logged == planned:
		return "none"
	case logged <= 0 || planned < 0:
		return "not comparable"
	}
	return fmt.Sprintf("%+.0f %%", 100*(planned/logged-1))
}

// JSON writes the comparison.
func (c *Comparison) JSON(w io.Writer) error { return encode(w, c) }

// figure lays the curves of both over each other, each in parts of its phones.
func (c *Comparison) figure(id, title string, of func(*learn.Wave) []int) report.Figure {
	end := max(len(of(&c.Log)), len(of(&c.Plan)), 10)
	x := chart.Times(float64(end), report.Clock)
	y := chart.Counts(100, func(n int) string { return fmt.Sprint(n, " %") })
	curve := func(w *learn.Wave) []chart.Point { return summed(of(w), end, x, float64(max(1, w.Phones))) }
	says := "The wave of the logs, and the same power cut in the plan."
	return report.Figure{Chart: chart.Chart{
		ID: id, Title: title, Says: says, Caption: says, X: x, Y: y,
		Key:    []chart.Key{{Colour: chart.Pale, Label: "logs"}, {Colour: chart.Blue, Label: "plan"}},
		Layers: []chart.Layer{{Colour: chart.Pale, Fill: true, Points: curve(&c.Log)}, {Colour: chart.Blue, Points: curve(&c.Plan)}},
	}}
}
