package phone

import (
	"slices"
	"testing"
	"time"

	"provsim/internal/journal"
)

// A ring keeps the latest records and no more, the newest first.
func TestRecordRing(t *testing.T) {
	for n := range 10 {
		var ring recordRing
		for i := range n {
			ring.add(journal.Record{T: time.Duration(i)}, 4)
		}
		var got, want []time.Duration
		for r := range ring.newest {
			got = append(got, r.T)
		}
		for i := n - 1; i >= max(0, n-4); i-- {
			want = append(want, time.Duration(i))
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %d records the ring has %v, want %v", n, got, want)
		}
	}
}
