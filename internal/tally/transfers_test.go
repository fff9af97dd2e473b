package tally_test

import (
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/tally"
	"provsim/resync"
)

// A resync of three transfers is one job and three requests: an expected miss is no
// failure of either, and each transfer has its own time.
func TestTransfersOfAJob(t *testing.T) {
	s := begin(t, whole(1, 0, time.Minute))
	s.up(0, 0)
	s.start(time.Second, time.Second, 0)
	s.add(2*time.Second, 0, device.Event{Kind: device.Transferred, Job: resync.Resync, Outcome: resync.NotFound, Status: 404, Expected: true, Took: time.Second})
	s.add(5*time.Second, 0, device.Event{Kind: device.Transferred, Job: resync.Resync, Class: device.AuxClass, Outcome: resync.Timeout, Took: 3 * time.Second})
	s.add(6*time.Second, 0, device.Event{Kind: device.Transferred, Job: resync.Resync, Class: device.AuxClass, Bytes: 40, Took: time.Second})
	s.done(8*time.Second, device.Event{Outcome: resync.Applied, Bytes: 100, Took: 7 * time.Second}, 0)
	s.add(9*time.Second, 0, device.Event{Kind: device.KeepAliveStart, Job: resync.KeepAlive})
	s.add(10*time.Second, 0, device.Event{Kind: device.KeepAliveDone, Job: resync.KeepAlive, Outcome: resync.Sent, Took: time.Second})
	s.done(11*time.Second, device.Event{Outcome: resync.NoServer}, 0)
	s.resync(12*time.Second, time.Second, resync.Unchanged, 0)

	totals := s.end(time.Minute)
	equal(t, "requests", totals.Requests(), []tally.Requests{
		{Class: device.ConfigClass, Count: 3, Missed: 1, Bytes: 100, Outcomes: map[string]uint64{"not-found": 1, "applied": 1, "unchanged": 1}},
		{Class: device.AuxClass, Count: 2, Failed: 1, Bytes: 40, Outcomes: map[string]uint64{"timeout": 1, "went-on": 1}},
		{Class: device.StatusClass, Count: 1, Outcomes: map[string]uint64{"sent": 1}},
	})
	ended, failed := totals.Outcomes.Ended(resync.Resync)
	equal(t, "resyncs that ended, and failed", [2]uint64{ended, failed}, [2]uint64{3, 1})
	equal(t, "keep-alives", totals.Outcomes[resync.KeepAlive][resync.Sent], uint64(1))
	for name, h := range totals.Histograms() {
		if name == "transfer.config" {
			equal(t, "times of configurations", [2]time.Duration{h.Quantile(0.5).Round(100 * time.Millisecond), h.Max().Round(100 * time.Millisecond)}, [2]time.Duration{time.Second, 2 * time.Second})
			equal(t, "their number", h.Count(), uint64(3))
		}
	}
}

// What a phone was in the middle of when its power was cut does not make its next job's
// transfer longer.
func TestPowerCutBetweenTransfers(t *testing.T) {
	s := begin(t, whole(1, 0, time.Minute))
	s.up(0, 0)
	s.start(0, 0, 0)
	s.add(time.Second, 0, device.Event{Kind: device.Transferred, Job: resync.Resync, Took: time.Second})
	s.tally.Off(0, 2*time.Second)
	s.up(30*time.Second, 0)
	s.resync(30*time.Second, time.Second, resync.Applied, 0)
	for name, h := range s.end(time.Minute).Histograms() {
		if name == "transfer.config" && h.Max().Round(100*time.Millisecond) != time.Second {
			t.Errorf("the longest transfer took %v, want 1 s", h.Max())
		}
	}
}

// Servers ban for requests, so each transfer counts, and not each job.
func TestBansCountTransfers(t *testing.T) {
	s := begin(t, whole(2, 2, 10*time.Minute))
	s.up(0, 0, 1)
	s.resync(time.Second, time.Second, resync.Applied, 0, 1)
	for n := range 20 {
		at := time.Duration(n+10) * time.Second
		s.add(at, 0, device.Event{Kind: device.Transferred, Job: resync.Resync})
		s.add(at, 1, device.Event{Kind: device.Transferred, Job: resync.Resync, Outcome: resync.HTTPStatus, Status: 403, Expected: true})
	}
	bans := s.end(10 * time.Minute).Bans()
	if len(bans) != 1 || bans[0].Site != 1 || bans[0].Count != 20 {
		t.Errorf("found %+v, want one of site 1 by 20 transfers", bans)
	}
}
