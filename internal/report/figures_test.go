package report_test

import (
	"testing"

	"provsim/internal/report"
)

// Curves lie within their charts, the sum of the states is the number of devices, and
// the tables behind them have the same numbers.
func TestFigures(t *testing.T) {
	s := newMorning(120, 1).results(t).Summary
	list := report.Figures(s, report.NewSeries(s))
	for _, f := range list {
		for _, l := range f.Layers {
			last := -1.0
			for _, p := range l.Points {
				if p.X < last || p.X > 1 || p.Y < 0 || p.Y > 1 {
					t.Errorf("%s: %v has the point %v after %v", f.ID, l.Colour, p, last)
				}
				last = p.X
			}
		}
		if size := len(f.HTML()); size > 40_000 {
			t.Errorf("%s has %d bytes, too many to be sent each second", f.ID, size)
		}
		if f.Says == "" || len(f.Numbers.Rows) == 0 || len(f.Numbers.Rows) > 25 || len(f.Numbers.Rows[0]) != len(f.Numbers.Head) {
			t.Errorf("%s says %q, and has %d rows of numbers", f.ID, f.Says, len(f.Numbers.Rows))
		}
	}
	states := list[0]
	top := 120 / states.Y.End
	if states.ID != "devices" || states.Key[5].Label != "off" || states.Key[0].Label+" "+states.Key[0].Value != "idle "+states.Numbers.Rows[len(states.Numbers.Rows)-1][1] {
		t.Errorf("the states are %s, with the key %v", states.ID, states.Key)
	}
	for _, p := range states.Layers[0].Points {
		if p.Y != top {
			t.Errorf("the lowest layer has the height %v, want %v, that of all 120 devices", p.Y, top)
			break
		}
	}
}
