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
		h, names := newWorkers(), map[string]int{}
		for range 3 * turns {
			h.do(ctx, func() { names[self()]++ })
			synctest.Wait()
		}
		if len(names) != 3 || names[self()] != 0 {
			t.Errorf("%d transfers ran in %d goroutines, this one among them %d times; want three others", 3*turns, len(names), names[self()])
		}
	})
}

// After a burst some goroutines wait, and none after the run: the bubble ends only
// when all of them have.
func TestIdleGoroutinesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		h, done, names := newWorkers(), make(chan struct{}), make(chan string, mostIdle+50)
		for range mostIdle + 50 {
			h.do(ctx, func() { names <- self(); <-done })
		}
		synctest.Wait()
		different := map[string]bool{}
		for range len(names) {
			different[<-names] = true
		}
		if len(different) != mostIdle+50 {
			t.Errorf("%d goroutines in the burst, want one for each transfer, %d", len(different), mostIdle+50)
		}
		close(done)
		synctest.Wait()
		if n := len(h.idle); n != mostIdle {
			t.Errorf("%d goroutines wait after the burst, want %d", n, mostIdle)
		}
		end()
		synctest.Wait()
		if n := len(h.idle); n != 0 {
			t.Errorf("%d goroutines wait after the run, want none", n)
		}
	})
}
