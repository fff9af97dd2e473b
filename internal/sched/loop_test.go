package sched

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ticker wakes each device once per its period, answers each wake-up with an
// event a while later, and writes down its calls.
type ticker struct {
	loop    *Loop[string]
	periods []time.Duration
	trace   []string
}

func (k *ticker) Wake(device int, _, now time.Duration) {
	k.trace = append(k.trace, fmt.Sprintf("%v device %d", now, device))
	k.loop.Set(device, now+k.periods[device])
	k.loop.At(now+3*time.Second, fmt.Sprintf("reply to %d", device))
}

func (k *ticker) Handle(event string, _, now time.Duration) {
	k.trace = append(k.trace, fmt.Sprintf("%v %s", now, event))
}

func runTicker(t *testing.T, clock Clock) []string {
	k := &ticker{loop: New[string](clock), periods: []time.Duration{5 * time.Second, 3 * time.Second, 3 * time.Second}}
	for i := range k.periods {
		k.loop.Set(i, 0)
	}
	if err := k.loop.Run(t.Context(), 12*time.Second, k); err != nil {
		t.Fatal(err)
	}
	return k.trace
}

// One loop, two clocks: the trace is the same to the nanosecond.
func TestBothClocksGiveTheSameTrace(t *testing.T) {
	virtual := runTicker(t, &Virtual{})
	var actual []string
	synctest.Test(t, func(t *testing.T) { actual = runTicker(t, NewReal(time.Now())) })
	if diff := cmp.Diff(virtual, actual); diff != "" {
		t.Errorf("virtual (-) and real (+) time differ:\n%s", diff)
	}
	// At 3 s the replies to the first wake-ups go before the wake-ups of devices
	// 1 and 2, which come in the order of their numbers.
	want := []string{"0s device 0", "0s device 1", "0s device 2", "3s reply to 0", "3s reply to 1", "3s reply to 2", "3s device 1", "3s device 2"}
	if got := virtual[:min(len(virtual), len(want))]; !slices.Equal(got, want) {
		t.Errorf("the run begins with %q, want %q", got, want)
	}
}

// recorder counts its calls.
type recorder struct {
	events  []string
	wakes   int
	handled func()
}

func (r *recorder) Wake(int, time.Duration, time.Duration) { r.wakes++ }
func (r *recorder) Handle(e string, _, _ time.Duration) {
	r.events = append(r.events, e)
	if r.handled != nil {
		r.handled()
	}
}

func TestPostWakesASleepingLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		loop := New[string](NewReal(time.Now()))
		r := &recorder{}
		r.handled = func() {
			if len(r.events) == 3 {
				cancel()
			}
		}
		loop.Set(0, time.Hour)
		for i := range 3 {
			time.AfterFunc(time.Duration(i)*time.Minute, func() { loop.Post("hello") })
		}
		if err := loop.Run(ctx, Never, r); !errors.Is(err, context.Canceled) {
			t.Errorf("the run ends with %v, want the context's error", err)
		}
		if loop.Now() != 2*time.Minute || r.wakes != 0 {
			t.Errorf("the events were in by %v with %d wake-ups, want 2m0s and none", loop.Now(), r.wakes)
		}
	})
}

func TestVirtualTimeEndsWhenNothingIsLeft(t *testing.T) {
	loop := New[string](&Virtual{})
	r := &recorder{}
	loop.Set(7, time.Hour)
	loop.Set(8, 2*time.Hour)
	loop.Set(8, Never)
	if err := loop.Run(t.Context(), Never, r); err != nil || r.wakes != 1 || loop.Now() != time.Hour {
		t.Errorf("run: %v, %d wake-ups, %v, want nil, 1, 1h0m0s", err, r.wakes, loop.Now())
	}
}

func TestVirtualTimeHeedsTheContextAndPosts(t *testing.T) {
	loop := New[string](&Virtual{})
	loop.Post("before")
	r := &recorder{}
	if err := loop.Run(t.Context(), Never, r); err != nil || !slices.Equal(r.events, []string{"before"}) {
		t.Errorf("run: %v, events %q, want nil and the one that was posted", err, r.events)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := loop.Run(ctx, Never, r); !errors.Is(err, context.Canceled) {
		t.Errorf("a run under an ended context ends with %v", err)
	}
}

func TestRunStopsAtItsEnd(t *testing.T) {
	loop := New[string](&Virtual{})
	r := &recorder{}
	loop.Set(0, time.Hour)
	if err := loop.Run(t.Context(), time.Minute, r); err != nil || r.wakes != 0 || loop.Now() != time.Minute {
		t.Errorf("run: %v, %d wake-ups, %v, want nil, none, 1m0s", err, r.wakes, loop.Now())
	}
	if err := loop.Run(t.Context(), 2*time.Hour, r); err != nil || r.wakes != 1 {
		t.Errorf("the run goes on: %v, %d wake-ups, want nil, 1", err, r.wakes)
	}
}

// sleeper counts how often the loop goes to sleep.
type sleeper struct {
	Clock
	sleeps int
}

func (s *sleeper) Sleep(ctx context.Context, until time.Duration, wake <-chan struct{}) error {
	s.sleeps++
	return s.Clock.Sleep(ctx, until, wake)
}

// While nothing is due nothing happens, however many wake-ups there are.
func TestIdleLoopSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &sleeper{Clock: NewReal(time.Now())}
		loop, r := New[string](clock), &recorder{}
		for id := range 100_000 {
			loop.Set(id, time.Hour+time.Duration(id))
		}
		if err := loop.Run(t.Context(), time.Hour-1, r); err != nil || clock.sleeps != 1 || r.wakes != 0 {
			t.Errorf("the loop slept %d times and woke %d devices (%v), want 1 and none", clock.sleeps, r.wakes, err)
		}
		if err := loop.Run(t.Context(), 2*time.Hour, r); err != nil || r.wakes != 100_000 {
			t.Errorf("then it woke %d devices (%v), want all", r.wakes, err)
		}
	})
}
