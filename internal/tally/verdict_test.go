package tally_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/tally"
	"provsim/resync"
)

func TestDefaultRule(t *testing.T) {
	for _, tt := range []struct {
		what    string
		tell    func(*story)
		value   string
		failing bool
	}{
		{"every phone is provisioned", func(s *story) { s.resync(1, 1, resync.Applied, 0, 1, 2) }, "0 failed, 3 of 3 provisioned", false},
		{"a failure that was mended", func(s *story) {
			s.resync(1, 1, resync.Timeout, 0, 1, 2)
			s.resync(3, 1, resync.Applied, 0, 1, 2)
		}, "0 failed, 3 of 3 provisioned", false},
		{"one phone's last job failed", func(s *story) {
			s.resync(1, 1, resync.Applied, 0, 1, 2)
			s.resync(3, 1, resync.NotFound, 1)
		}, "1 failed, 2 of 3 provisioned", true},
		{"a phone asks again when the run ends", func(s *story) {
			s.resync(1, 1, resync.Applied, 0, 1)
			s.resync(1, 1, resync.NotFound, 2)
			s.start(5, 5, 2)
		}, "1 failed, 2 of 3 provisioned", true},
		{"an upgrade failed", func(s *story) {
			s.resync(1, 1, resync.Applied, 0, 1, 2)
			s.add(4, 0, device.Event{Kind: device.UpgradeDone, Job: resync.Upgrade, Outcome: resync.BadImage})
		}, "1 failed, 2 of 3 provisioned", true},
		{"files without a version", func(s *story) { s.resync(1, 1, resync.Unversioned, 0, 1, 2) }, "0 failed, 0 of 3 provisioned", true},
		{"nothing happened", func(*story) {}, "0 failed, 0 of 3 provisioned", true},
		{"one has not asked yet", func(s *story) { s.resync(1, 1, resync.Applied, 0, 1) }, "0 failed, 2 of 3 provisioned", false},
	} {
		s := begin(t, whole(3, 0, time.Minute))
		s.up(0, 0, 1, 2)
		tt.tell(s)
		got := s.end(time.Minute).Summary(tally.Run{}, nil).Thresholds
		equal(t, tt.what, got, []tally.Result{{
			Expression: "no phone's last job failed, and at least one was provisioned", Value: tt.value, Known: true, Failed: tt.failing,
		}})
		equal(t, tt.what+": the rule", got[0].Rule(), got[0].Expression)
	}
	again, err := tally.ParseThreshold(tally.DefaultRule().String())
	if err != nil || again != tally.DefaultRule() {
		t.Errorf("the rule that was written is read as %v, %v", again, err)
	}
	if r := tally.DefaultRule().Check(tally.New(tally.Config{}).Totals()); r.Known || r.Failed {
		t.Errorf("a run without a phone: %+v, want nothing to measure", r)
	}
}

// Each outcome that applied nothing has up to three examples of different devices,
// the earliest, in the order of their instants.
func TestExamples(t *testing.T) {
	s := begin(t, whole(9, 0, time.Minute))
	s.up(0, devices(0, 9)...)
	for i := range 9 {
		s.done(time.Duration(20-i), device.Event{Outcome: resync.NotFound, URL: fmt.Sprintf("http://h/%d", i), Note: "404", Status: 404}, i)
	}
	s.done(30, device.Event{Outcome: resync.NotFound, URL: "http://h/again"}, 8)
	s.done(31, device.Event{Outcome: resync.Applied}, 0)
	s.done(32, device.Event{Outcome: resync.Unversioned, URL: "http://h/" + strings.Repeat("é", 999)}, 0)
	s.done(33, device.Event{Outcome: resync.HTTPStatus, Status: 503}, 0)
	text, err := json.Marshal(s.end(time.Minute).Examples)
	if err != nil {
		t.Fatal(err)
	}
	var got []tally.Example
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if cut := &got[0].URL; got[0].Outcome == resync.Unversioned && len(*cut) < 310 && strings.HasSuffix(*cut, "é…") {
		*cut = "cut"
	}
	equal(t, "examples", got, []tally.Example{
		{Job: resync.Resync, Outcome: resync.Unversioned, At: 32, Device: mac(0), URL: "cut"},
		{Job: resync.Resync, Outcome: resync.NotFound, At: 12, Device: mac(8), URL: "http://h/8", Reason: "404"},
		{Job: resync.Resync, Outcome: resync.NotFound, At: 13, Device: mac(7), URL: "http://h/7", Reason: "404"},
		{Job: resync.Resync, Outcome: resync.NotFound, At: 14, Device: mac(6), URL: "http://h/6", Reason: "404"},
		{Job: resync.Resync, Outcome: resync.HTTPStatus, At: 33, Device: mac(0), Reason: "HTTP status 503"},
	})
}

// A job that waits for the lines while another one ends has its latency from its
// own start too.
func TestJobThatEndsKeepsAnotherHeld(t *testing.T) {
	s := begin(t, whole(1, 0, time.Minute))
	s.up(0, 0)
	s.add(time.Second, 0, device.Event{Kind: device.UpgradeStart, Job: resync.Upgrade})
	s.add(2*time.Second, 0, device.Event{Kind: device.ResyncWait, Job: resync.Resync, Due: 2 * time.Second})
	s.done(3*time.Second, device.Event{Outcome: resync.Applied}, 0)
	s.start(20*time.Second, 2*time.Second, 0)
	s.done(21*time.Second, device.Event{Outcome: resync.Unchanged, Took: time.Second}, 0)
	// The next job does not wait for the lines: its latency counts from when it was due.
	s.start(33*time.Second, 30*time.Second, 0)
	s.done(34*time.Second, device.Event{Outcome: resync.Timeout, Took: time.Second}, 0)
	got := map[string]time.Duration{}
	for name, h := range s.end(time.Minute).Histograms() {
		got[name] = h.Max().Round(100 * time.Millisecond)
	}
	if one, four := got["latency.resync.unchanged"], got["latency.resync.timeout"]; one != time.Second || four != 4*time.Second {
		t.Errorf("the latencies are %v and %v, want 1s from the start of the held job and 4s from when the next one was due", one, four)
	}
}
