package inventory

import (
	"slices"
	"testing"
	"time"
)

// In a large fleet devices are in the order of their first resyncs, each once,
// and are found by their addresses.
func TestByTurn(t *testing.T) {
	v := people(t, `
devices: 17000
population: {version: "1"}
phases: [{devices: 50%, over: 30m}, {at: 5m, over: 10m}]
`).ByTurn()
	seen := make([]bool, v.Len())
	last := time.Duration(0)
	for i := range v.Len() {
		at := v.Start(i)
		if at+40*time.Second < last {
			t.Fatalf("device %d has its turn at %v at the latest, after one at %v", v.Number(i), at+40*time.Second, last)
		}
		last = max(last, at)
		seen[v.Number(i)] = true
	}
	if slices.Contains(seen, false) || v.Number(0) == 0 && v.Number(1) == 1 {
		t.Error("a device is missing, or the order is that of the numbers")
	}
	if got := v.Index(v.MAC(12345)); got != 12345 {
		t.Errorf("device 12345 is found at %d", got)
	}
}
