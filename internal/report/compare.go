package report

import (
	"errors"
	"fmt"
	"time"

	"provsim/internal/tally"
	"provsim/resync"
)

// ErrOtherScenario says that two runs cannot be compared.
var ErrOtherScenario = errors.New("not runs of one scenario")

// Comparison sets a run beside an earlier one of the same scenario.
type Comparison struct {
	Before tally.Run    `json:"before"` // what the earlier run was
	Rows   []Difference `json:"rows"`
}

// Difference is one number of two runs.
type Difference struct {
	Name string `json:"name"`
	Unit Unit   `json:"unit"`
	// Before and Now are absent where there is no such number, such as the time
	// until all devices are provisioned in a run in which they never were.
	Before *float64 `json:"before"`
	Now    *float64 `json:"now"`
}

// Unit says what a number counts.
type Unit string

// The units of a [Difference].
const (
	Seconds Unit = "seconds"
	Share   Unit = "share" // of 1
	Number  Unit = "number"
)

// Compare sets two runs side by side. Its error is of [ErrOtherScenario] where
// they are not of one scenario, or not of the same devices.
func Compare(now, before *Results) (*Comparison, error) {
	n, b := now.Summary, before.Summary
	switch {
	case n.Digest != b.Digest:
		return nil, fmt.Errorf("%w: found %q (%s) and %q (%s), want equal digests", ErrOtherScenario, n.Scenario, n.Digest, b.Scenario, b.Digest)
	case n.Counts.Devices != b.Counts.Devices:
		return nil, fmt.Errorf("%w: found %d devices and %d, want as many in both; shards are merged before they are compared",
			ErrOtherScenario, n.Counts.Devices, b.Counts.Devices)
	}
	c := &Comparison{Before: b.Run, Rows: numbers(n)}
	for i, row := range numbers(b) {
		c.Rows[i].Before = row.Now
	}
	return c, nil
}

// numbers lists what is compared. Every run has the same rows.
func numbers(s *tally.Summary) (rows []Difference) {
	add := func(name string, unit Unit, value float64, known bool) {
		d := Difference{Name: name, Unit: unit}
		if known {
			d.Now = &value
		}
		rows = append(rows, d)
	}
	wave := s.Waves[0]
	for _, t := range []struct {
		name string
		at   *tally.Seconds
	}{
		{"time to provision 50 %", wave.T50}, {"time to provision 90 %", wave.T90},
		{"time to provision 99 %", wave.T99}, {"time to provision all", wave.T100},
	} {
		if t.at == nil {
			add(t.name, Seconds, 0, false)
		} else {
			add(t.name, Seconds, time.Duration(*t.at).Seconds(), true)
		}
	}
	add("provisioned at the end", Share, s.Provisioned.Share, s.Provisioned.Devices > 0)
	for _, p := range s.Peaks {
		add("peak in "+Lasting(time.Duration(p.Window)), Number, float64(p.Count), true)
	}
	all, failures := s.Counts.Outcomes.Ended(resync.Resync)
	add("resyncs", Number, float64(all), true)
	add("resyncs that failed", Share, float64(failures)/float64(max(all, 1)), all > 0)
	for _, name := range []string{"latency", "service", "dhcp", "lag"} {
		t, known := times(s, name)
		add("p50 "+timeTitles[name], Seconds, time.Duration(t.P50).Seconds(), known)
		add("p95 "+timeTitles[name], Seconds, time.Duration(t.P95).Seconds(), known)
		add("p99 "+timeTitles[name], Seconds, time.Duration(t.P99).Seconds(), known)
	}
	add("repeated requests", Number, float64(s.Counts.Repeats), true)
	add("wasted transfers", Number, float64(s.Counts.Wasted), true)
	add("bans", Number, float64(len(s.Bans)), true)
	add("bytes", Number, float64(s.Counts.Bytes), true)
	return rows
}

// table shows the rows in which one run has a number.
func (c *Comparison) table() Table {
	t := Table{Title: "Against the earlier run", Head: []string{"", "before", "now", "change"}}
	for _, d := range c.Rows {
		if d.Before != nil || d.Now != nil {
			t.row(d.Name, d.Unit.format(d.Before), d.Unit.format(d.Now), d.change())
		}
	}
	return t
}

func (u Unit) format(value *float64) string {
	switch {
	case value == nil:
		return "never"
	case u == Seconds:
		return Lasting(time.Duration(*value * 1e9))
	case u == Share:
		return Percent(*value)
	}
	return Count(uint64(*value))
}

// change says how much larger or smaller the number is now.
func (d *Difference) change() string {
	if d.Before == nil || d.Now == nil || *d.Before == *d.Now {
		return ""
	}
	if d.Unit == Share {
		return fmt.Sprintf("%+.2f points", 100*(*d.Now-*d.Before))
	}
	if *d.Before == 0 {
		return "from nothing"
	}
	return fmt.Sprintf("%+.1f %%", 100*(*d.Now / *d.Before - 1))
}
