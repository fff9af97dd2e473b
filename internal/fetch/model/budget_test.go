package model

import (
	"testing"
	"time"
	"unsafe"
)

// A million devices have a Progress each while they ask, and a Result is returned
// 48 million times.
func TestSizes(t *testing.T) {
	if got := unsafe.Sizeof(Progress{}); got > 40 {
		t.Errorf("a Progress has %d bytes, want at most 40", got)
	}
	if got := unsafe.Sizeof(Result{}); got > 24 {
		t.Errorf("a Result has %d bytes, want at most 24", got)
	}
}

func TestArriveDoesNotAllocate(t *testing.T) {
	cfg := Default()
	cfg.Ban = Ban{After: 3, Window: time.Hour, Answer: Forbidden}
	cfg.TFTP.Transfers = 100
	cfg.Outages = []Outage{{From: time.Second, Till: 2 * time.Second, Kind: Gone}}
	for _, scheme := range []string{"tftp", "http", "https"} {
		s := mustNew(t, cfg)
		now := time.Duration(0)
		r := Request{Scheme: scheme, Size: 2048, Path: &Path{Loss: 0.1}}
		ask := func() {
			now += 50 * time.Microsecond
			r.Device, r.Source, r.Progress = r.Device+1, r.Device%1000, Progress{}
			s.Arrive(now, &r)
		}
		for range 10_000 {
			ask()
		}
		if got := testing.AllocsPerRun(20_000, ask); got != 0 {
			t.Errorf("%s: %v allocations a call, want none", scheme, got)
		}
	}
}
