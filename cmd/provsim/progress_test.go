package main

import (
	"testing"
	"time"

	"provsim/fleet"
	"provsim/internal/tally"
)

func TestStateLine(t *testing.T) {
	now := fleet.Progress{Now: 90 * time.Second, Until: 10 * time.Minute, Devices: 400}
	s := tally.Snapshot{Provisioned: 380, Ended: 20, Failed: 20, Bans: 1, P99: 1500 * time.Millisecond}
	s.States[tally.Booting], s.States[tally.Failed] = 380, 20
	const want = "1m30s of 10m0s, 380 of 400 provisioned, 380 booting, 20 failed, 0/s, p99 1.5s, errors 100 %, 1 site banned"
	if got := stateLine(now, &s); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}
