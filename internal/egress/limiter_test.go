package egress

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// begun is when transfers began, in their order.
type begun struct {
	devices []int
	at      []time.Duration
	waited  []time.Duration
}

func background(f func()) { go f() }

// transfers asks for n transfers at once, each of the given length, and returns when
// they began.
func transfers(c *Limiter, n int, length time.Duration) *begun {
	b, start := &begun{}, time.Now()
	turn := make(chan struct{}, 1)
	turn <- struct{}{}
	for i := range n {
		c.Go(context.Background(), background, func(waited time.Duration) {
			<-turn
			b.devices = append(b.devices, i)
			b.at = append(b.at, time.Since(start))
			b.waited = append(b.waited, waited)
			turn <- struct{}{}
			time.Sleep(length)
		})
	}
	return b
}

func TestLimiterHoldsTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := transfers(NewLimiter(0, 10), 5, time.Hour)
		time.Sleep(time.Second)
		synctest.Wait()
		const tenth = 100 * time.Millisecond
		want := []time.Duration{0, tenth, 2 * tenth, 3 * tenth, 4 * tenth}
		if diff := cmp.Diff(want, b.at); diff != "" {
			t.Errorf("beginnings (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, b.waited); diff != "" {
			t.Errorf("the wait that they were told (-want +got):\n%s", diff)
		}
		if !slices.Equal(b.devices, []int{0, 1, 2, 3, 4}) {
			t.Errorf("order %v, want that of asking", b.devices)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
	})
}

func TestLimiterHoldsTheNumberAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewLimiter(2, 0)
		b := transfers(c, 5, time.Minute)
		synctest.Wait()
		if running, queued := c.Load(); running != 2 || queued != 3 {
			t.Errorf("%d run and %d wait, want 2 and 3", running, queued)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		want := []time.Duration{0, 0, time.Minute, time.Minute, 2 * time.Minute}
		if diff := cmp.Diff(want, b.waited); diff != "" {
			t.Errorf("waits (-want +got):\n%s", diff)
		}
		if running, queued := c.Load(); running != 0 || queued != 0 {
			t.Errorf("%d run and %d wait in the end, want none", running, queued)
		}
	})
}

func TestNoLimitHoldsNoTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := transfers(NewLimiter(0, 0), 1000, 0)
		synctest.Wait()
		if len(b.at) != 1000 || slices.Max(b.waited) != 0 {
			t.Errorf("%d began, the last after %v; want 1000 at once", len(b.at), slices.Max(b.waited))
		}
	})
}

// What could not begin for lack of a place does not begin in a burst later.
func TestRateHoldsBehindAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewLimiter(3, 10)
		stalled := make(chan struct{})
		for range 3 {
			c.Go(t.Context(), background, func(time.Duration) { <-stalled })
		}
		time.Sleep(time.Second)
		synctest.Wait()
		b := transfers(c, 6, 0)
		time.Sleep(time.Minute)
		synctest.Wait()
		close(stalled)
		time.Sleep(time.Second)
		synctest.Wait()
		for i := 1; i < len(b.at); i++ {
			if gap := b.at[i] - b.at[i-1]; gap < 100*time.Millisecond-slack {
				t.Errorf("transfers %d and %d began within %v, want 100ms", i-1, i, gap)
			}
		}
		if len(b.at) != 6 {
			t.Errorf("%d transfers began, want 6", len(b.at))
		}
	})
}

func TestIdleTimeIsNotSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewLimiter(0, 10)
		transfers(c, 1, 0)
		time.Sleep(time.Hour)
		synctest.Wait()
		b := transfers(c, 3, 0)
		time.Sleep(time.Second)
		synctest.Wait()
		if want := []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond}; !slices.Equal(b.at, want) {
			t.Errorf("began after %v, want %v", b.at, want)
		}
	})
}

func TestWhoGivesUpTakesNobodysTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewLimiter(0, 1)
		ctx, giveUp := context.WithCancel(t.Context())
		var order []string
		ask := func(ctx context.Context, name string) {
			c.Go(ctx, background, func(time.Duration) { order = append(order, name) })
		}
		ask(t.Context(), "first")
		ask(ctx, "gives up")
		ask(t.Context(), "second")
		giveUp()
		ask(ctx, "has given up before")
		synctest.Wait()
		if running, queued := c.Load(); running != 0 || queued != 1 {
			t.Errorf("%d run and %d wait, want 0 and 1", running, queued)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !slices.Equal(order, []string{"first", "second"}) {
			t.Errorf("%v began within a second, want the first and the second", order)
		}
	})
}

// Whatever is asked for and given up, neither bound is broken, all others
// begin, and in their order.
func TestLimiterWithAnyTransfers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		atOnce := rapid.IntRange(0, 5).Draw(rt, "at once")
		rate := rapid.SampledFrom([]float64{0, 1, 7, 1000}).Draw(rt, "rate")
		lengths := rapid.SliceOfN(rapid.IntRange(0, 3000), 1, 40).Draw(rt, "lengths in ms")
		quits := rapid.SliceOfN(rapid.Bool(), len(lengths), len(lengths)).Draw(rt, "gives up")
		synctest.Test(t, func(t *testing.T) {
			c := NewLimiter(atOnce, rate)
			start := time.Now()
			var order []int
			var at []time.Duration
			running, most := 0, 0
			turn := make(chan struct{}, 1)
			turn <- struct{}{}
			ctx, giveUp := context.WithCancel(t.Context())
			giveUp()
			kept := 0
			for i, length := range lengths {
				asker := t.Context()
				if quits[i] {
					asker = ctx
				} else {
					kept++
				}
				c.Go(asker, background, func(time.Duration) {
					<-turn
					order, at = append(order, i), append(at, time.Since(start))
					running++
					most = max(most, running)
					turn <- struct{}{}
					time.Sleep(time.Duration(length) * time.Millisecond)
					<-turn
					running--
					turn <- struct{}{}
				})
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if len(order) != kept {
				t.Fatalf("%d of %d began", len(order), kept)
			}
			if atOnce > 0 && most > atOnce {
				t.Errorf("%d at once, want at most %d", most, atOnce)
			}
			if rate > 0 && len(at) > 1 {
				if least := time.Duration(float64(len(at)-1)/rate*1e9) - slack; at[len(at)-1] < least {
					t.Errorf("%d began within %v, want that to take %v", len(at), at[len(at)-1], least)
				}
			}
			if rate > 0 && rate <= 7 && !slices.IsSorted(order) {
				t.Errorf("order %v", order)
			}
		})
	})
}
