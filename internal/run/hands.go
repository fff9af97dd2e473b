package run

import "context"

// hands are goroutines that have carried a transfer and wait for the next. A new
// goroutine begins with a small stack, which has to be copied again and again
// before it is large enough for a transfer.
type hands struct {
	next chan func()
	idle chan struct{} // holds a token for each that waits
}

// mostIdle is how many wait at most. Beyond a burst fleets have fewer transfers
// under way than that.
const mostIdle = 256

func newHands() hands { return hands{make(chan func()), make(chan struct{}, mostIdle)} }

// do calls f in one of the goroutines, or in a new one.
func (h hands) do(ctx context.Context, f func()) {
	select {
	case h.next <- f:
	default:
		go h.work(ctx, f)
	}
}

// work calls functions until the context ends or enough others wait.
func (h hands) work(ctx context.Context, f func()) {
	for f != nil {
		f()
		f = h.wait(ctx)
	}
}

func (h hands) wait(ctx context.Context) (f func()) {
	select {
	case h.idle <- struct{}{}:
	default:
		return nil
	}
	select {
	case f = <-h.next:
	case <-ctx.Done():
	}
	<-h.idle
	return f
}
