package run

import (
	"bytes"
	"context"
	"runtime"
	"testing"
	"testing/synctest"
)

// self names the goroutine that runs.
func self() string {
	var b [64]byte
	name, _, _ := bytes.Cut(b[:runtime.Stack(b[:], false)], []byte("["))
	return string(name)
}

func TestTransfersFollowEachOtherInOneGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		h, names := newHands(), map[string]int{}
		for range 3 * turns {
			h.do(ctx, func() { names[self()]++ })
			synctest.Wait()
		}
		if len(names) != 3 || names[self()] != 0 {
			t.Errorf("%d transfers ran in %d goroutines, this one among them %d times; want three others", 3*turns, len(names), names[self()])
		}
	})
}

// After a burst some goroutines wait, and none after the run.
func TestIdleGoroutinesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		before := runtime.NumGoroutine()
		h, done := newHands(), make(chan struct{})
		for range mostIdle + 50 {
			h.do(ctx, func() { <-done })
		}
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n != mostIdle+50 {
			t.Errorf("%d goroutines in the burst, want one for each transfer, %d", n, mostIdle+50)
		}
		close(done)
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n != mostIdle {
			t.Errorf("%d goroutines after the burst, want %d", n, mostIdle)
		}
		end()
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n != 0 {
			t.Errorf("%d goroutines are left after the run, want none", n)
		}
	})
}
