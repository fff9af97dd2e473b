package fleet

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"provsim/fleet"
	"provsim/internal/report"
	"provsim/internal/tally"
)

// An axis reaches what it is for, with few labels, and no step too many.
func TestAxes(t *testing.T) {
	for _, c := range []struct {
		a    axis
		want string
	}{
		{counts(1), "0 1"}, {counts(5), "0 1 2 3 4 5"}, {counts(6), "0 2 4 6"}, {counts(500), "0 100 200 300 400 500"},
		{counts(1_000_000), "0 200,000 400,000 600,000 800,000 1,000,000"},
		{times(1), "0:00:00 0:00:05"}, {times(61), "0:00:00 0:00:30 0:01:00 0:01:30"},
		{times(86400), "0:00:00 6:00:00 12:00:00 18:00:00 24:00:00"},
	} {
		if got := strings.Join(c.a.labels, " "); got != c.want {
			t.Errorf("found the labels %s, want %s", got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		highest := rapid.IntRange(1, fleet.MaxDevices).Draw(t, "highest")
		a := counts(highest)
		step := a.end / float64(len(a.labels)-1)
		if a.end < float64(highest) || a.end-step >= float64(highest) || len(a.labels) > mostCounts+1 {
			t.Fatalf("an axis up to %d ends at %v with %d labels", highest, a.end, len(a.labels))
		}
		until := rapid.Float64Range(1, tally.MaxDuration.Seconds()).Draw(t, "until")
		if a := times(until); a.end < until || len(a.labels) > mostTimes+1 {
			t.Fatalf("an axis up to %v s ends at %v with %d labels", until, a.end, len(a.labels))
		}
	})
}

var heights = regexp.MustCompile(`[V ](-?\d+)`)

// Curves lie within their chart, the sum of the states at the fleet's size, and
// tables behind them have the same numbers.
func TestChartsOfAPlan(t *testing.T) {
	r := plan(t, fleet.Options{})
	v := newView(r.Until, r.Until, report.New(r.Run(), r.Tally.Totals(), nil), r.Tally)
	if len(v.series.bins) > mostBins {
		t.Errorf("the curves have %d steps, want at most %d", len(v.series.bins), mostBins)
	}
	for _, c := range v.charts {
		for _, l := range c.Layers {
			for _, at := range heights.FindAllStringSubmatch(l.Path, -1) {
				if y, err := strconv.Atoi(at[1]); err != nil || y < 0 || y > height {
					t.Errorf("%s: %s goes to %s", c.ID, l.Class, at[1])
				}
			}
			if len(l.Path) > 12_000 {
				t.Errorf("%s: %s has %d bytes, too many to be sent each second", c.ID, l.Class, len(l.Path))
			}
		}
		if c.Says == "" || len(c.Numbers.Rows) == 0 || len(c.Numbers.Rows) > 25 || len(c.Numbers.Rows[0]) != len(c.Numbers.Head) {
			t.Errorf("%s says %q, and %d rows of numbers", c.ID, c.Says, len(c.Numbers.Rows))
		}
	}
	states := v.charts[0]
	last := states.Numbers.Rows[len(states.Numbers.Rows)-1]
	if states.ID != "states" || last[1] != "120" || states.Key[0].Value != "120" || states.Y[len(states.Y)-1] != "0" {
		t.Errorf("the states end with %v, key %v", last, states.Key)
	}
	top := strconv.Itoa(up(counts(120), 120))
	if whole := states.Layers[0]; whole.Class != "state off" || !strings.Contains(whole.Path, "M0 "+strconv.Itoa(height)+"H0V"+top) {
		t.Errorf("the lowest layer is %+v, want all 120 devices from the left", whole)
	}
}
