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
	s := burst(t, 2)
	s.tally.Serve(tally.ModelledServer{Dropped: 3, BufferNeeded: 740})
	equal(t, "a modelled server whose buffer was full", s.end(time.Minute).Advice(), &tally.Advice{
		Served: 100, Requests: 740, Bytes: 740 * 832, Delay: tally.Seconds(10 * time.Second), Why: "3 requests found its buffer or its queue full",
	})
	s = burst(t, 0)
	s.tally.Serve(tally.ModelledServer{Dropped: 3})
	equal(t, "where no buffer is known to be enough", s.end(time.Minute).Advice(), &tally.Advice{
		Served: 100, Delay: tally.Seconds(10 * time.Second), Why: "3 requests found its buffer or its queue full",
	})
}

// A timeout, a refusal or a repeated request is no proof that the server had too
// much to do: it may have been switched off, or the network may have lost a packet.
func TestAdviceWantsProof(t *testing.T) {
	failing := func(o resync.Outcome, m *tally.ModelledServer) *tally.Totals {
		s := burst(t, 2)
		s.resync(30*time.Second, time.Second, o, 5, 6)
		if m != nil {
			s.tally.Serve(*m)
		}
		return s.end(time.Minute)
	}
	for what, totals := range map[string]*tally.Totals{
		"a server that keeps up":         burst(t, 1).end(time.Minute),
		"repeated requests":              burst(t, 2).end(time.Minute),
		"timeouts of a real server":      failing(resync.Timeout, nil),
		"refusals of a real server":      failing(resync.Refused, nil),
		"an outage of a modelled server": failing(resync.Timeout, &tally.ModelledServer{TimedOut: 2}),
		"refusals of a modelled server":  failing(resync.Refused, &tally.ModelledServer{Refused: 2}),
		"a run in which no device was served": func() *tally.Totals {
			s := begin(t, whole(1, 0, time.Minute))
			s.tally.Serve(tally.ModelledServer{Dropped: 1})
			return s.end(time.Minute)
		}(),
	} {
		if a := totals.Advice(); a != nil {
			t.Errorf("%s: advice %+v, want none", what, a)
		}
	}
}

func TestModelsOfShardsAddUp(t *testing.T) {
	a, b := begin(t, whole(1, 0, time.Minute)), begin(t, whole(1, 0, time.Minute))
	a.tally.Queue(0, 3)
	b.tally.Queue(0, 4)
	one := tally.ModelledServer{Workers: 2, Served: 3, Refused: 4, Dropped: 5, TimedOut: 6, Wasted: 7, Buffer: 8, BufferNeeded: 9, PeakQueue: 10, Busy: 11}
	a.tally.Serve(one)
	b.tally.Serve(one)
	totals := a.end(time.Minute)
	if err := totals.Merge(b.end(time.Minute)); err != nil {
		t.Fatal(err)
	}
	equal(t, "model", totals.Model, &tally.ModelledServer{
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
