package gotest

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"provsim/device"
	"provsim/fleet"
)

// One phone boots, fetches its configuration and applies it.
func TestPhone(t *testing.T) {
	server := httptest.NewServer(NewServer(7))
	defer server.Close()
	if got := boot(t, 1, server.URL)["0021f2000000"]; got != "7" {
		t.Errorf("the phone applied version %q, want 7", got)
	}
}

// Two hundred phones get their power within a second.
func TestFleet(t *testing.T) {
	server := httptest.NewServer(NewServer(7))
	defer server.Close()
	for mac, version := range boot(t, 200, server.URL) {
		if version != "7" {
			t.Errorf("phone %s applied version %q, want 7", mac, version)
		}
	}
}

// boot switches phones on and returns the version that each of them has applied,
// by hardware address. The run ends when all have one.
func boot(t *testing.T, phones int, server string) map[string]string {
	t.Helper()
	s, err := fleet.ParseScenario("test", fmt.Appendf(nil, `
devices: %d
duration: 1m
phases: [{over: 1s}]
population:
  profile-rule: %s/$MA.conf
  settings: [{set: {Resync Random Delay: 0}}]
`, phones, server))
	if err != nil {
		t.Fatal(err)
	}
	j := &journal{versions: map[string]string{}, want: phones, done: make(chan struct{})}
	if _, err := fleet.Run(t.Context(), s, fleet.RunOptions{Options: fleet.Options{Journal: j}, Drain: j.done}); err != nil {
		t.Fatal(err)
	}
	if len(j.versions) != phones {
		t.Fatalf("%d of %d phones applied a configuration within %v", len(j.versions), phones, s.Duration)
	}
	return j.versions
}

// A journal keeps the version that each phone has applied.
type journal struct {
	versions map[string]string
	want     int
	done     chan struct{} // closed when all phones have one
}

// Add gets each record of the run, one after the other.
func (j *journal) Add(r *fleet.Record) error {
	if r.Kind == device.AppliedFile && j.versions[r.Device.String()] == "" {
		j.versions[r.Device.String()] = r.Version
		if len(j.versions) == j.want {
			close(j.done)
		}
	}
	return nil
}
