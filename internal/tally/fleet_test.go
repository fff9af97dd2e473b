package tally_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"
	"provsim/resync"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// mac is the address of the device numbered i of the whole run.
func mac(i int) device.MAC { return device.MAC{0, 0x21, 0xf2, byte(i >> 16), byte(i >> 8), byte(i)} }

func number(m device.MAC) int { return int(m[3])<<16 | int(m[4])<<8 | int(m[5]) }

// whole is the configuration of a run of devices that is not sharded, with as
// many sites as are asked for, to which devices belong in turns.
func whole(devices, sites int, duration time.Duration) tally.Config {
	return tally.Config{
		Devices: devices, Index: number, Duration: duration,
		Sites: sites, Site: func(i int) int { return i % sites },
		Address: func(site int) string { return "10.0.0." + string(rune('1'+site)) },
	}
}

// story tells a tally what happens to devices.
type story struct {
	t     testing.TB
	tally *tally.Tally
}

func begin(t testing.TB, c tally.Config) *story { return &story{t, tally.New(c)} }

func (s *story) add(at time.Duration, i int, e device.Event) {
	s.t.Helper()
	if err := s.tally.Add(&journal.Record{T: at, Device: mac(i), Event: e}); err != nil {
		s.t.Fatal(err)
	}
}

// up boots a device whose power comes, and gives it a lease.
func (s *story) up(at time.Duration, devices ...int) {
	s.t.Helper()
	for _, i := range devices {
		s.add(at, i, device.Event{Kind: device.Booted, Cause: resync.PowerOn})
		s.add(at, i, device.Event{Kind: device.Leased})
	}
}

// resync runs a resync that is due at an instant, starts then, and takes a time.
func (s *story) resync(due, took time.Duration, o resync.Outcome, devices ...int) {
	s.t.Helper()
	for _, i := range devices {
		s.start(due, due, i)
		s.done(due+took, device.Event{Outcome: o, Took: took}, i)
	}
}

func (s *story) start(at, due time.Duration, i int) {
	s.t.Helper()
	s.add(at, i, device.Event{Kind: device.ResyncDue, Job: resync.Resync, Due: due})
	s.add(at, i, device.Event{Kind: device.ResyncStart, Job: resync.Resync, Due: due})
}

func (s *story) done(at time.Duration, e device.Event, i int) {
	s.t.Helper()
	e.Kind, e.Job = device.ResyncDone, resync.Resync
	s.add(at, i, e)
}

// end ends the run.
func (s *story) end(at time.Duration) *tally.Totals {
	s.tally.End(at)
	return s.tally.Totals()
}

// devices lists the numbers from from to to-1.
func devices(from, to int) (all []int) {
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	all := cmp.Exporter(func(reflect.Type) bool { return true })
	if diff := cmp.Diff(want, got, all, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// dump is all that totals hold, as text.
func dump(t interface{ Fatal(...any) }, totals *tally.Totals) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(totals); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, totals.Bans())
	if err := totals.WriteCurves(&b); err != nil {
		t.Fatal(err)
	}
	if err := totals.WriteSites(&b); err != nil {
		t.Fatal(err)
	}
	for name, h := range totals.Histograms() {
		b.WriteString(name)
		h.HDR().ForEachBucket(func(value, count int64) bool {
			fmt.Fprintf(&b, " %d:%d", value, count)
			return true
		})
		b.WriteByte('\n')
	}
	return b.String()
}
