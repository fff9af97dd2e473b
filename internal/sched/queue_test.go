package sched

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// instants draws times of all sizes, many of them equal or close together.
var instants = rapid.Custom(func(t *rapid.T) time.Duration {
	bits := rapid.IntRange(0, 62).Draw(t, "bits")
	return time.Duration(rapid.Int64Range(0, 9).Draw(t, "at") << bits >> rapid.IntRange(0, 4).Draw(t, "finer"))
})

// The queue agrees with a map that is searched, whatever is set, moved and
// taken in between.
func TestQueueGivesTheEarliest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		naive := map[int]time.Duration{}
		earliest := func() wake {
			best := wake{at: Never}
			for id, at := range naive {
				if at < best.at || at == best.at && at != Never && id < best.id {
					best = wake{at, id}
				}
			}
			return best
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				id := rapid.IntRange(0, 20).Draw(t, "device")
				naive[id] = instants.Draw(t, "at")
				q.set(id, naive[id])
			},
			"take away": func(t *rapid.T) {
				id := rapid.IntRange(0, 30).Draw(t, "device")
				delete(naive, id)
				q.set(id, Never)
			},
			"take the first": func(t *rapid.T) {
				if w := q.first(); w.at != Never {
					q.take(w)
					delete(naive, w.id)
				}
			},
			"rebuild": func(*rapid.T) { q.rebuild() },
			"": func(t *rapid.T) {
				if got, want := q.first(), earliest(); got != want {
					t.Fatalf("the first is %+v, want %+v", got, want)
				}
				if q.live != len(naive) {
					t.Fatalf("%d wake-ups are counted, want %d", q.live, len(naive))
				}
			},
		})
	})
}

// Many entries, of which each slot holds several chunks, come out in order.
func TestWheelOrdersMany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w wheel
		spread := time.Duration(rapid.SampledFrom([]int64{1, 1e6, 1e9, 4e12, 1 << 61}).Draw(t, "spread"))
		seed := rapid.Uint64().Draw(t, "seed")
		want := make([]entry, rapid.IntRange(1, 5000).Draw(t, "entries"))
		for i := range want {
			seed = seed*6364136223846793005 + 1442695040888963407
			want[i] = entry{time.Duration(seed>>3) % spread, uint64(i)}
			w.add(want[i])
		}
		slices.SortFunc(want, compare)
		for i, e := range want {
			if got := w.first(); got != e {
				t.Fatalf("entry %d is %+v, want %+v", i, got, e)
			}
			w.drop()
		}
		if got := w.first(); got.at != Never || w.count != 0 {
			t.Fatalf("in the end there is %+v, and %d are counted", got, w.count)
		}
	})
}

// Events come by their instants, and at one instant in the order in which they
// were added, whatever has come before.
func TestAgendaKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a agenda[int]
		type added struct {
			at     time.Duration
			number int
		}
		var want []added
		numbers := 0
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				numbers++
				e := added{time.Duration(rapid.IntRange(0, 3).Draw(t, "at")), numbers}
				want = append(want, e)
				a.add(e.at, e.number)
			},
			"pop": func(t *rapid.T) {
				if len(want) == 0 {
					return
				}
				slices.SortStableFunc(want, func(x, y added) int { return int(x.at - y.at) })
				first := a.first()
				if got := a.take(first); first.at != want[0].at || got != want[0].number {
					t.Fatalf("event %d at %v, want %+v", got, first.at, want[0])
				}
				want = want[1:]
			},
		})
	})
}

// A wake-up that is moved again and again leaves a bounded number of entries.
func TestMovedWakesAreForgotten(t *testing.T) {
	var q queue
	for i := range 100 * fewStale {
		q.set(i%7, time.Duration(i)*time.Second)
	}
	if q.wheel.count > 2*fewStale {
		t.Errorf("%d entries for 7 devices", q.wheel.count)
	}
	if got, want := q.first().at, time.Duration(100*fewStale-7)*time.Second; got != want {
		t.Errorf("the first is at %v, want %v", got, want)
	}
}

// A fleet's queue: each device is woken, and set again an hour later.
func BenchmarkQueue(b *testing.B) {
	for _, devices := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(devices), func(b *testing.B) {
			b.ReportAllocs()
			var q queue
			x := uint64(1)
			for id := range devices {
				x = x*6364136223846793005 + 1442695040888963407
				q.set(id, time.Duration(x>>1)%time.Hour)
			}
			for b.Loop() {
				w := q.first()
				q.take(w)
				q.set(w.id, w.at+time.Hour)
			}
		})
	}
}
