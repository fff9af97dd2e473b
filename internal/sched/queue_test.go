package sched

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The queue agrees with a map that is searched.
func TestQueueGivesTheEarliest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		naive := map[int32]time.Duration{}
		earliest := func() wake {
			best := wake{at: Never}
			for id, at := range naive {
				if w := (wake{at, id}); best.at == Never || w.before(best) {
					best = w
				}
			}
			return best
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				id := rapid.IntRange(0, 20).Draw(t, "device")
				at := time.Duration(rapid.IntRange(0, 9).Draw(t, "at"))
				naive[int32(id)] = at
				q.set(id, at)
			},
			"take away": func(t *rapid.T) {
				id := rapid.IntRange(0, 30).Draw(t, "device")
				delete(naive, int32(id))
				q.set(id, Never)
			},
			"": func(t *rapid.T) {
				if got, want := q.first(), earliest(); got != want {
					t.Fatalf("the first is %+v, want %+v", got, want)
				}
			},
		})
	})
}

func BenchmarkQueue(b *testing.B) {
	b.ReportAllocs()
	var q queue
	const devices = 1_000_000
	for id := range devices {
		q.set(id, time.Duration(id))
	}
	for b.Loop() {
		w := q.first()
		q.set(int(w.id), w.at+devices)
	}
}
