package tally_test

import (
	"testing"
	"time"

	"provsim/internal/tally"
	"provsim/resync"
)

const hour = time.Hour

// readiness is the result of a wave, to the second.
type readiness struct {
	devices       int
	ready         uint64
	t50, t99, all time.Duration // 0: never
}

func waveOf(totals *tally.Totals, i int) readiness {
	w := totals.Summary(tally.Run{}, nil).Waves[i]
	at := func(s *tally.Seconds) time.Duration {
		if s == nil {
			return 0
		}
		return time.Duration(*s).Round(time.Second)
	}
	return readiness{w.Devices, w.Ready, at(w.T50), at(w.T99), at(w.T100)}
}

func mark(at time.Duration, kind tally.MarkKind) tally.Mark {
	return tally.Mark{At: tally.Seconds(at), Kind: kind, Name: kind.String()}
}

func TestWaveOfTheStart(t *testing.T) {
	s := begin(t, whole(100, 0, hour))
	for i := range 100 {
		s.up(0, i)
		s.resync(time.Duration(i)*time.Second, time.Second, resync.Applied, i)
	}
	s.resync(200*time.Second, time.Second, resync.Unchanged, 0) // only the first success counts
	equal(t, "wave", waveOf(s.end(hour), 0), readiness{100, 100, 50 * time.Second, 99 * time.Second, 100 * time.Second})
}

func TestDevicesThatNeverSucceedKeepTheWaveOpen(t *testing.T) {
	s := begin(t, whole(100, 0, hour))
	s.up(0, devices(0, 99)...) // the last one stays without power
	s.resync(0, time.Second, resync.Applied, devices(0, 60)...)
	s.resync(0, time.Second, resync.Timeout, devices(60, 99)...)
	equal(t, "wave", waveOf(s.end(hour), 0), readiness{devices: 100, ready: 60, t50: time.Second})
}

func TestWaveOfPowerThatComesBack(t *testing.T) {
	s := begin(t, whole(10, 0, hour))
	s.up(0, devices(0, 10)...)
	s.resync(0, time.Second, resync.Applied, devices(0, 9)...) // the last has not got that far
	for i := 5; i < 10; i++ {
		s.tally.Off(i, 10*time.Minute)
	}
	s.tally.Mark(mark(20*time.Minute, tally.PowerBack))
	s.up(20*time.Minute, 5, 6, 7, 8, 9)
	s.resync(20*time.Minute, 3*time.Second, resync.Unchanged, 5, 6, 7, 8, 9)
	totals := s.end(hour)
	equal(t, "the start", waveOf(totals, 0), readiness{devices: 10, ready: 9, t50: time.Second})
	equal(t, "the return", waveOf(totals, 1), readiness{5, 5, 3 * time.Second, 3 * time.Second, 3 * time.Second})
}

func TestWaveOfAnOutagesEnd(t *testing.T) {
	s := begin(t, whole(10, 0, hour))
	s.up(0, devices(0, 10)...)
	s.resync(0, time.Second, resync.Applied, devices(0, 10)...)
	s.resync(10*time.Minute, time.Second, resync.Refused, 0, 1, 2, 3)
	s.tally.Mark(mark(15*time.Minute, tally.OutageEnd))
	s.resync(16*time.Minute, time.Second, resync.Unchanged, 0, 1, 8) // device 8 has not failed
	s.resync(17*time.Minute, time.Second, resync.Timeout, 2, 3, 9)   // device 9 failed for another reason
	s.resync(18*time.Minute, time.Second, resync.Unchanged, 2, 3, 9)
	totals := s.end(hour)
	equal(t, "wave", waveOf(totals, 1), readiness{4, 4, time.Minute + time.Second, 3*time.Minute + time.Second, 3*time.Minute + time.Second})
	equal(t, "the start", waveOf(totals, 0).ready, uint64(10))
}

// A device that loses its power after the outage is still waited for,
// but not by the end of the next one.
func TestPowerIsCutAfterAnOutage(t *testing.T) {
	s := begin(t, whole(2, 0, hour))
	s.up(0, 0, 1)
	s.resync(0, time.Second, resync.Refused, 0, 1)
	s.tally.Mark(mark(10*time.Minute, tally.OutageEnd))
	s.tally.Off(0, 11*time.Minute)
	s.tally.Off(1, 11*time.Minute)
	s.up(12*time.Minute, 0)
	s.resync(12*time.Minute, time.Second, resync.Applied, 0)
	s.tally.Mark(mark(20*time.Minute, tally.OutageEnd))
	s.up(22*time.Minute, 1)
	s.resync(22*time.Minute, time.Second, resync.Applied, 1)
	totals := s.end(hour)
	equal(t, "the first outage", waveOf(totals, 1), readiness{devices: 2, ready: 1, t50: 2*time.Minute + time.Second})
	equal(t, "the second outage", waveOf(totals, 2), readiness{})
}

func TestEchoes(t *testing.T) {
	s := begin(t, whole(100, 0, 4*hour))
	s.tally.Mark(tally.Mark{Kind: tally.Start, Name: "start", Period: tally.Seconds(hour)})
	s.up(0, devices(0, 100)...)
	for n, spread := range []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond} {
		for i := range 100 {
			s.resync(time.Duration(n)*hour+time.Second+time.Duration(i)*spread, time.Millisecond, resync.Unchanged, i)
		}
	}
	w := s.end(4*hour+30*time.Minute).Summary(tally.Run{}, nil).Waves[0]
	type echo struct {
		in1s, in10s uint64
		height      float64
	}
	var got []echo
	for _, e := range w.Echoes {
		got = append(got, echo{e.Peak1s, e.Peak10s, e.Height})
	}
	// The fifth period is not over when the run ends.
	equal(t, "echoes", got, []echo{{100, 100, 1}, {10, 100, 1}, {5, 50, 0.5}, {3, 25, 0.25}})
	equal(t, "decay in one period", w.Decay, 0.5)
}

func TestEchoesEndWithTheNextWave(t *testing.T) {
	s := begin(t, whole(1, 0, 4*hour))
	s.tally.Mark(tally.Mark{Kind: tally.Start, Name: "start", Period: tally.Seconds(hour)})
	s.up(0, 0)
	s.resync(time.Second, time.Second, resync.Applied, 0)
	s.tally.Mark(mark(90*time.Minute, tally.Other)) // no wave
	s.tally.Mark(mark(150*time.Minute, tally.PowerBack))
	waves := s.end(4*hour).Summary(tally.Run{}, nil).Waves
	equal(t, "periods of the start", len(waves[0].Echoes), 2)
	equal(t, "periods of a mark without one", len(waves[2].Echoes), 0)
}

func TestPeaks(t *testing.T) {
	s := begin(t, whole(40, 0, 100*time.Second))
	s.up(0, devices(0, 40)...)
	s.resync(0, time.Millisecond, resync.Applied, 30) // in no window with the others
	s.resync(20500*time.Millisecond, time.Millisecond, resync.Applied, devices(0, 10)...)
	s.resync(28*time.Second, time.Millisecond, resync.Applied, devices(10, 15)...)
	s.resync(70*time.Second, time.Millisecond, resync.Applied, devices(15, 24)...)
	totals := s.end(100 * time.Second)
	tests := []struct {
		window time.Duration
		want   tally.Peak
	}{
		{time.Second, tally.Peak{Count: 10, Rate: 10, At: tally.Seconds(20 * time.Second), ToMean: 10 / 0.25}},
		{10 * time.Second, tally.Peak{Count: 15, Rate: 1.5, At: tally.Seconds(19 * time.Second), ToMean: 1.5 / 0.25}},
		{time.Minute, tally.Peak{Count: 24, Rate: 0.4, At: tally.Seconds(11 * time.Second), ToMean: 0.4 / 0.25}},
	}
	for _, tt := range tests {
		tt.want.Window = tally.Seconds(tt.window)
		equal(t, tt.window.String(), totals.Peak(tt.window), tt.want)
	}
}
