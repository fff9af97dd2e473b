package sched

import (
	"context"
	"errors"
	"runtime"
	"time"

	"provsim/resync"
)

// Never is later than all instants.
const Never = resync.Never

// errIdle ends a run in virtual time: nothing is left that could happen.
var errIdle = errors.New("nothing is left to wait for")

// Clock tells the time since the run began, and waits.
type Clock interface {
	Now() time.Duration
	// Sleep returns nil at the instant until, or before it when wake is signalled,
	// and the context's error when it ends.
	Sleep(ctx context.Context, until time.Duration, wake <-chan struct{}) error
}

// Real is the clock on the wall. One goroutine at a time sleeps by it.
type Real struct {
	epoch time.Time
	timer *time.Timer
}

// NewReal starts a run at the wall time epoch.
func NewReal(epoch time.Time) *Real { return &Real{epoch: epoch} }

// Now returns the time since the run began.
func (r *Real) Now() time.Duration { return time.Since(r.epoch) }

// Sleep waits for real. It lets other goroutines go first: under load some of them
// are about to signal wake, and then one turn of the loop serves them all, without
// the time that it takes to fall asleep and be woken.
func (r *Real) Sleep(ctx context.Context, until time.Duration, wake <-chan struct{}) error {
	runtime.Gosched()
	var alarm <-chan time.Time
	if until != Never {
		if r.timer == nil {
			r.timer = time.NewTimer(until - r.Now())
		} else {
			r.timer.Reset(until - r.Now())
		}
		alarm = r.timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wake:
	case <-alarm:
	}
	return nil
}

// Virtual is a clock that moves only when everybody waits. It must never meet
// a goroutine or a socket whose work takes real time. The zero value stands at
// the instant 0.
type Virtual struct{ now time.Duration }

// Now returns the virtual time since the run began.
func (v *Virtual) Now() time.Duration { return v.now }

// Sleep moves the clock to the instant until at once. Sleeping until Never ends
// the run, because no one else is there to wake it.
func (v *Virtual) Sleep(_ context.Context, until time.Duration, wake <-chan struct{}) error {
	if len(wake) > 0 {
		<-wake
		return nil
	}
	if until == Never {
		return errIdle
	}
	v.now = max(v.now, until)
	return nil
}
