package tally_test

import (
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/tally"
	"provsim/resync"
)

// burst is a morning in which 1,000 devices ask within a second, and the server
// serves a hundred of them a second.
func burst(t *testing.T, tries int) *story {
	s := begin(t, whole(1000, 0, time.Minute))
	s.up(0, devices(0, 1000)...)
	for i := range 1000 {
		s.start(time.Second, time.Second, i)
		took := time.Duration(i/100)*time.Second + time.Millisecond
		s.done(time.Second+took, device.Event{Outcome: resync.Applied, Took: took, Tries: tries}, i)
	}
	return s
}

func TestAdvice(t *testing.T) {
	if a := burst(t, 1).end(time.Minute).Advice(); a != nil {
		t.Errorf("a server that keeps up: advice %+v, want none", a)
	}

	equal(t, "repeated requests", burst(t, 2).end(time.Minute).Advice(), &tally.Advice{
		Served: 100, Requests: 1000, Bytes: 832_000, Delay: tally.Seconds(10 * time.Second),
		Why: "1000 requests had to be repeated",
	})

	s := burst(t, 2)
	for i := range 500 { // the buffer has long been empty when they come
		s.resync(30*time.Second, time.Second, resync.Unchanged, i)
	}
	if a := s.end(time.Minute).Advice(); a.Requests != 1000 {
		t.Errorf("a second burst: %d requests, want the 1000 of the first", a.Requests)
	}

	s = burst(t, 2)
	s.tally.Serve(tally.Model{Dropped: 3, BufferNeeded: 740})
	equal(t, "a model knows exactly", s.end(time.Minute).Advice(), &tally.Advice{
		Served: 100, Requests: 740, Bytes: 740 * 832, Exact: true, Delay: tally.Seconds(10 * time.Second),
		Why: "3 requests found the server's buffer full",
	})

	s = burst(t, 0)
	s.resync(30*time.Second, time.Second, resync.Timeout, 5, 6)
	equal(t, "where nothing is repeated a buffer is not the answer", s.end(time.Minute).Advice(), &tally.Advice{
		Served: 100, Delay: tally.Seconds(10 * time.Second), Why: "2 resyncs were not answered in time",
	})
}

func TestModelsOfShardsAddUp(t *testing.T) {
	a, b := begin(t, whole(1, 0, time.Minute)), begin(t, whole(1, 0, time.Minute))
	a.tally.Queue(0, 3)
	b.tally.Queue(0, 4)
	one := tally.Model{Workers: 2, Served: 3, Refused: 4, Dropped: 5, TimedOut: 6, Wasted: 7, Buffer: 8, BufferNeeded: 9, PeakQueue: 10, Busy: 11}
	a.tally.Serve(one)
	b.tally.Serve(one)
	totals := a.end(time.Minute)
	if err := totals.Merge(b.end(time.Minute)); err != nil {
		t.Fatal(err)
	}
	equal(t, "model", totals.Model, &tally.Model{
		Workers: 4, Served: 6, Refused: 8, Dropped: 10, TimedOut: 12, Wasted: 14, Buffer: 16, BufferNeeded: 18, PeakQueue: 20, Busy: 22,
	})
	for p := range totals.Curve {
		equal(t, "longest queue", p.Queue, 7)
		break
	}
	if err := totals.Merge(begin(t, whole(1, 0, time.Minute)).end(time.Minute)); err != nil {
		t.Fatal(err)
	}
	equal(t, "workers after a shard without a model", totals.Model.Workers, 4)
}
