package tally_test

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"
	"provsim/resync"
)

// states is how many devices do what.
type states map[tally.State]int

func (s *story) states() states {
	found := states{}
	for state, n := range s.tally.Snapshot(0).States {
		if n > 0 {
			found[tally.State(state)] = n
		}
	}
	return found
}

func TestStatesFollowADevice(t *testing.T) {
	s := begin(t, whole(1, 0, time.Hour))
	steps := []struct {
		what  string
		do    func()
		state tally.State
		ready int
	}{
		{"the run begins without power", func() {}, tally.Off, 0},
		{"power comes", func() { s.add(1, 0, device.Event{Kind: device.Booted, Cause: resync.PowerOn}) }, tally.Booting, 0},
		{"a lease", func() { s.add(2, 0, device.Event{Kind: device.Leased}) }, tally.Waiting, 0},
		{"a resync starts", func() { s.start(3, 3, 0) }, tally.Fetching, 0},
		{"it fails", func() { s.done(4, device.Event{Outcome: resync.Timeout}, 0) }, tally.Failed, 0},
		{"the next starts", func() { s.start(5, 5, 0) }, tally.Fetching, 0},
		{"it succeeds", func() { s.done(6, device.Event{Outcome: resync.Applied}, 0) }, tally.Idle, 1},
		{"the reboot after it", func() { s.add(7, 0, device.Event{Kind: device.Rebooting, Cause: resync.Config}) }, tally.Booting, 1},
		{"the firmware starts", func() { s.add(8, 0, device.Event{Kind: device.Booted, Cause: resync.Config}) }, tally.Booting, 1},
		{"a lease once more", func() { s.add(9, 0, device.Event{Kind: device.Leased}) }, tally.Idle, 1},
		{"a renewed lease", func() { s.add(10, 0, device.Event{Kind: device.Leased}) }, tally.Idle, 1},
		{"a failure later on", func() { s.resync(11, 1, resync.NotFound, 0) }, tally.Failed, 0},
		{"an upgrade starts", func() { s.add(13, 0, device.Event{Kind: device.UpgradeStart, Job: resync.Upgrade}) }, tally.Fetching, 0},
		{"it says nothing of the configuration", func() {
			s.add(14, 0, device.Event{Kind: device.UpgradeDone, Job: resync.Upgrade, Outcome: resync.Applied})
		}, tally.Failed, 0},
		{"a file without a version leaves the configuration there is", func() { s.resync(14, 0, resync.Unversioned, 0) }, tally.Idle, 1},
		{"an upgrade that fails", func() {
			s.add(14, 0, device.Event{Kind: device.UpgradeStart, Job: resync.Upgrade})
			s.add(14, 0, device.Event{Kind: device.UpgradeDone, Job: resync.Upgrade, Outcome: resync.BadImage})
		}, tally.Failed, 0},
		{"a resync does not hide it", func() { s.resync(14, 0, resync.Unchanged, 0) }, tally.Failed, 0},
		{"an upgrade that succeeds", func() {
			s.add(14, 0, device.Event{Kind: device.UpgradeDone, Job: resync.Upgrade, Outcome: resync.Applied})
			s.add(14, 0, device.Event{Kind: device.Leased})
		}, tally.Failed, 1},
		{"power is cut", func() { s.tally.Off(0, 15) }, tally.Off, 0},
		{"power is cut once more", func() { s.tally.Off(0, 16) }, tally.Off, 0},
		{"power comes back", func() { s.up(17, 0) }, tally.Waiting, 0},
		{"a success", func() { s.resync(18, 1, resync.Unversioned, 0) }, tally.Idle, 1},
		{"a cut without an event", func() { s.up(20, 0) }, tally.Waiting, 0},
	}
	for _, step := range steps {
		step.do()
		equal(t, step.what, s.states(), states{step.state: 1})
		equal(t, step.what+": provisioned", s.tally.Snapshot(0).Provisioned, step.ready)
	}
	var last tally.Point
	for p := range s.end(30).Curve {
		last = p
	}
	equal(t, "the curve's end", last.States, s.tally.Snapshot(0).States)
}

func TestCurveHasEverySecond(t *testing.T) {
	s := begin(t, whole(3, 0, 4*time.Second))
	s.up(0, 0, 1, 2)
	s.resync(time.Second, 1500*time.Millisecond, resync.Applied, 0, 1)
	s.resync(time.Second, 2*time.Second, resync.Timeout, 2)
	s.tally.Queue(time.Second, 3)
	s.tally.Queue(time.Second, 1)
	var got []tally.Point
	for p := range s.end(3 * time.Second).Curve {
		got = append(got, p)
	}
	at := func(second, starts, successes, failures, queue, ready, waiting, fetching, provisioned, failed int) tally.Point {
		p := tally.Point{Second: second, Starts: starts, Successes: successes, Failures: failures, Queue: queue, Provisioned: ready}
		p.States[tally.Waiting], p.States[tally.Fetching] = waiting, fetching
		p.States[tally.Idle], p.States[tally.Failed] = provisioned, failed
		return p
	}
	equal(t, "curve", got, []tally.Point{
		at(0, 0, 0, 0, 0, 0, 3, 0, 0, 0),
		at(1, 3, 0, 0, 3, 0, 0, 3, 0, 0),
		at(2, 0, 2, 0, 0, 2, 0, 1, 2, 0),
		at(3, 0, 0, 1, 0, 2, 0, 0, 2, 1),
	})
}

func TestLatencyCountsFromWhenAJobWasDue(t *testing.T) {
	s := begin(t, whole(4, 0, time.Minute))
	s.start(3*time.Second, time.Second, 0)
	s.done(5*time.Second, device.Event{Outcome: resync.Applied, Took: 2 * time.Second}, 0)
	// Waiting for the end of a call is the phone's own business (FV-RS-7).
	s.add(10*time.Second, 1, device.Event{Kind: device.ResyncWait, Job: resync.Resync, Due: 10 * time.Second})
	s.start(30*time.Second, 10*time.Second, 1)
	s.done(31*time.Second, device.Event{Outcome: resync.Timeout, Took: time.Second}, 1)
	// A failure of this machine says nothing about the server.
	s.start(40*time.Second, 40*time.Second, 2)
	s.done(50*time.Second, device.Event{Outcome: resync.Unreachable, Took: 10 * time.Second, Local: true}, 2)
	// A lease is waited for from boot on, and only by DHCP.
	s.add(50*time.Second, 3, device.Event{Kind: device.Booted, Cause: resync.PowerOn})
	s.add(52*time.Second, 3, device.Event{Kind: device.Leased, Job: resync.DHCP})

	s.add(53*time.Second, 3, device.Event{Kind: device.Rebooting, Cause: resync.Person})
	s.add(54*time.Second, 3, device.Event{Kind: device.Booted, Cause: resync.Person})
	s.add(59*time.Second, 3, device.Event{Kind: device.Leased})

	summary := s.end(time.Minute).Summary(tally.Run{}, nil)
	got := map[string][2]time.Duration{}
	for _, m := range summary.Times {
		got[m.Name] = [2]time.Duration{time.Duration(m.P50).Round(100 * time.Millisecond), time.Duration(m.Max).Round(100 * time.Millisecond)}
	}
	const one, two, four = time.Second, 2 * time.Second, 4 * time.Second
	equal(t, "p50 and max", got, map[string][2]time.Duration{
		"fetch": {one, four}, "latency": {one, four}, "service": {one, two}, "dhcp": {two, two},
		"latency.resync.applied": {four, four}, "service.resync.applied": {two, two},
		"latency.resync.timeout": {one, one}, "service.resync.timeout": {one, one},
		"ready.0": {5 * time.Second, 5 * time.Second}, "transfer": {one, two}, "transfer.config": {one, two},
		// The record that a resync fell due came 2 s, 20 s and no time late.
		"lag": {two, 20 * time.Second},
	})
	equal(t, "validity", summary.Validity, tally.Validity{Reasons: []string{"transfers that failed because this machine had no descriptor, port or memory left: 1"}})
}

func TestTriesAndWaste(t *testing.T) {
	s := begin(t, whole(1, 0, time.Minute))
	for _, e := range []device.Event{
		{Outcome: resync.Applied, Tries: 1, Bytes: 100},
		{Outcome: resync.Applied, Tries: 3, Bytes: 100},
		{Outcome: resync.Applied, Tries: 99, Bytes: 100},
		{Outcome: resync.Timeout, Tries: 5},
		{Outcome: resync.Truncated, Tries: 2, Bytes: 50},
		{Outcome: resync.Applied, Bytes: 7}, // HTTP repeats nothing itself
	} {
		s.start(0, 0, 0)
		s.done(time.Second, e, 0)
	}
	c := s.end(time.Minute)
	equal(t, "answered at each try", c.Answered, [16]uint64{0: 1, 1: 1, 2: 1, 15: 1})
	equal(t, "never answered", c.Unanswered, uint64(1))
	equal(t, "repeats", c.Repeats, uint64(2+98+4+1))
	equal(t, "wasted", [2]uint64{c.Wasted, c.WastedBytes}, [2]uint64{1, 50})
	equal(t, "bytes", c.Bytes, uint64(357))
}

func TestAddRefuses(t *testing.T) {
	tests := []struct {
		rule, hint string
		record     journal.Record
	}{
		{"a device that it does not know", "found a device numbered 2, want 0 to 1", journal.Record{Device: mac(2)}},
		{"an instant before the run", "found the instant -1ns", journal.Record{T: -1}},
		{"an instant after the longest run", "want 0 to 744h0m0s", journal.Record{T: tally.MaxDuration + 1}},
		{"no outcome of FV-OUT-1", "outcome(99)", journal.Record{Event: device.Event{Kind: device.ResyncDone, Outcome: 99}}},
	}
	for _, tt := range tests {
		if tt.record.Device == (device.MAC{}) {
			tt.record.Device = mac(0)
		}
		err := tally.New(whole(2, 0, time.Minute)).Add(&tt.record)
		if err == nil || !strings.Contains(err.Error(), tt.hint) {
			t.Errorf("%s: error %v, want %q in it", tt.rule, err, tt.hint)
		}
	}
}

func TestSnapshot(t *testing.T) {
	s := begin(t, whole(20, 0, time.Minute))
	s.up(0, devices(0, 20)...)
	for i := range 20 {
		s.resync(time.Duration(i)*time.Second/2, 100*time.Millisecond, resync.Applied, i)
	}
	s.resync(0, 100*time.Millisecond, resync.Applied, devices(0, 20)...)
	s.start(10*time.Second, 10*time.Second, 0)
	got := s.tally.Snapshot(10 * time.Second)
	equal(t, "started, ended, failed", [3]uint64{got.Started, got.Ended, got.Failed}, [3]uint64{41, 40, 0})
	equal(t, "rate over the last ten whole seconds", got.Rate, 4.0)
	equal(t, "at", got.At, 10*time.Second)
	equal(t, "ready", got.Provisioned, 20)
	equal(t, "rate of a run that has been idle for ten seconds", s.tally.Snapshot(40*time.Second).Rate, 0.0)
	equal(t, "outcomes", got.Outcomes[resync.Resync][resync.Applied], uint64(40))
	if got.P50 < 99*time.Millisecond || got.P99 > 101*time.Millisecond {
		t.Errorf("latency %v to %v, want 100 ms", got.P50, got.P99)
	}
}
