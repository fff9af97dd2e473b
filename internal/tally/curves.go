package tally

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// columns are the names of the columns of a file of curves.
func columns() []string {
	names := []string{"second", "starts", "successes", "failures", "queue", "provisioned"}
	for s := range State(NumStates) {
		names = append(names, s.String())
	}
	return names
}

// WriteCurves writes the curves as CSV with a line for each second, less those
// in which nothing happened: they have no starts, and the devices' states of the
// line before. The first and the last second are always there.
func (t *Totals) WriteCurves(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns()); err != nil {
		return err
	}
	line := make([]string, len(columns()))
	for p := range t.Curve {
		if p.Second > 0 && p.Second < len(t.seconds)-1 && t.seconds[p.Second] == (second{}) {
			continue
		}
		for i, n := range p.numbers() {
			line[i] = strconv.Itoa(n)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (p *Point) numbers() []int {
	return append([]int{p.Second, p.Starts, p.Successes, p.Failures, p.Queue, p.Provisioned}, p.States[:]...)
}

// ReadCurves reads what WriteCurves wrote, in place of the curves of t.
func (t *Totals) ReadCurves(r io.Reader) error {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return err
	}
	if !slices.Equal(header, columns()) {
		return fmt.Errorf("found the columns %q, want %q", header, columns())
	}
	t.seconds = nil
	before := Point{Second: -1}
	before.States[Off] = t.Devices
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		p, err := point(fields)
		if err == nil {
			err = t.extend(before, p)
		}
		if err != nil {
			line, _ := in.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
		before = p
	}
}

func point(fields []string) (p Point, err error) {
	var n [6 + NumStates]int
	for i, f := range fields {
		wide, err := strconv.ParseInt(f, 10, 32)
		if err != nil || wide < 0 {
			return p, fmt.Errorf("column %d: found %.20q, want a number from 0 to 2147483647", i+1, f)
		}
		n[i] = int(wide)
	}
	p = Point{Second: n[0], Starts: n[1], Successes: n[2], Failures: n[3], Queue: n[4], Provisioned: n[5]}
	copy(p.States[:], n[6:])
	return p, nil
}

// extend appends a second to the curves.
func (t *Totals) extend(before, p Point) error {
	if p.Second <= before.Second || p.Second > int(MaxDuration/time.Second) {
		return fmt.Errorf("found second %d after second %d, want a later one, at most %d", p.Second, before.Second, int(MaxDuration/time.Second))
	}
	t.reach(p.Second + 1)
	row := &t.seconds[p.Second]
	row.starts, row.queue = uint32(p.Starts), uint32(p.Queue)
	row.successes, row.failures = uint32(p.Successes), uint32(p.Failures)
	row.provisioned = int32(p.Provisioned - before.Provisioned)
	for i := range row.states {
		row.states[i] = int32(p.States[i] - before.States[i])
	}
	return nil
}

// Check reports what is wrong with totals that were read from a file.
func (t *Totals) Check() error {
	switch {
	case t.Devices < 0:
		return fmt.Errorf("found %d devices, want 0 or more", t.Devices)
	case t.Duration < 0 || t.Duration > Seconds(MaxDuration):
		return fmt.Errorf("found a run of %v, want 0 to %v", t.Duration, MaxDuration)
	case len(t.Waves) == 0 || t.Waves[0].Kind != Start:
		return errors.New("found no wave that begins with the start, want one first")
	case len(t.Waves) > maxWaves:
		return fmt.Errorf("found %d waves, want at most %d", len(t.Waves), maxWaves)
	}
	for i, w := range t.Waves {
		if w.At < 0 || w.Period < 0 || w.At > Seconds(MaxDuration) {
			return fmt.Errorf("wave %d: found the instant %v and the period %v, want 0 to %v", i, w.At, w.Period, MaxDuration)
		}
	}
	return nil
}
