package fleet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"provsim/internal/report"
)

// height is that of a chart in its own units; it is stretched to its place.
const height = 400

// chart is a picture of curves. Its colours are the style sheet's.
type chart struct {
	ID, Title, Caption string
	Says               string // what the picture shows, for who does not see it
	Key                []keyEntry
	Width              int // in the chart's units
	Height             int
	Layers             []layer // the first lies lowest
	Grid, Marks        string  // paths
	X, Y               []string
	Numbers            report.Table
}

// keyEntry says what a colour stands for, how much of it there is now, and where
// to see that.
type keyEntry struct{ Class, Label, Value, Link string }

// layer is one curve.
type layer struct{ Class, Path string }

// newChart is one without curves. The labels of its Y axis are the last first, as
// they stand.
func newChart(width int, x, y axis) chart {
	c := chart{Width: width, Height: height, X: x.labels}
	rows := len(y.labels) - 1
	var grid strings.Builder
	for i, label := range y.labels {
		c.Y = append([]string{label}, c.Y...)
		fmt.Fprintf(&grid, "M0 %dH%d", i*height/rows, width)
	}
	c.Grid = grid.String()
	return c
}

// overTime is a chart of a series, each bin of which is one unit wide.
func (s *series) overTime(v *view, highest int) (c chart, y axis) {
	x := times(max(1, v.now.Seconds()))
	y = counts(max(1, highest))
	c = newChart(int(math.Ceil(x.end/float64(s.width))), x, y)
	c.Marks, c.Caption = s.marks(v)
	return c, y
}

// marks are the instants of the scenario, as lines and in words.
func (s *series) marks(v *view) (path, caption string) {
	var lines strings.Builder
	var words []string
	for _, w := range v.results.Summary.Waves {
		if w.At > 0 {
			at := time.Duration(w.At)
			fmt.Fprintf(&lines, "M%.1f 0V%d", at.Seconds()/float64(s.width), height)
			words = append(words, report.Clock(at)+" "+w.Name)
		}
	}
	const shown = 12
	if more := len(words) - shown; more > 0 {
		words = append([]string{fmt.Sprintf("%d earlier", more)}, words[more:]...)
	}
	if len(words) > 0 {
		caption = "Dashed: " + strings.Join(words, ", ") + "."
	}
	return lines.String(), caption
}

// area is a curve in steps with what lies below it filled.
func (s *series) area(y axis, of func(*bin) int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M0 %d", height)
	s.steps(&b, y, of)
	return b.String() + "V" + strconv.Itoa(height) + "Z"
}

// line is a curve in steps.
func (s *series) line(y axis, of func(*bin) int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M0 %d", up(y, of(&s.bins[0])))
	s.steps(&b, y, of)
	return b.String()
}

// steps draws a curve from the left, without what is as before.
func (s *series) steps(b *strings.Builder, y axis, of func(*bin) int) {
	last := -1
	for i := range s.bins {
		if at := up(y, of(&s.bins[i])); at != last {
			fmt.Fprintf(b, "H%dV%d", i, at)
			last = at
		}
	}
	fmt.Fprintf(b, "H%d", len(s.bins))
}

// up returns how far from the top a value is.
func up(y axis, value int) int { return int(math.Round(height * (1 - float64(value)/y.end))) }

// numbers is a chart's series as a table, with as many rows as people read.
func (s *series) numbers(head []string, row func(*bin) []string) report.Table {
	const rows = 25
	t := report.Table{Head: append([]string{"from"}, head...)}
	every := (len(s.bins) + rows - 1) / rows
	for i := 0; i < len(s.bins); i += every {
		b := &s.bins[i]
		t.Rows = append(t.Rows, append([]string{report.Clock(time.Duration(b.Second) * time.Second)}, row(b)...))
	}
	return t
}
