package run

import "context"

// workers are goroutines that have carried out a transfer and wait for the next. A new
// goroutine begins with a small stack, which has to be copied again and again
// before it is large enough for a transfer.
type workers struct {
	next chan func()
	idle chan struct{} // holds a token for each that waits
}

// mostIdle is how many wait at most, and turns how many transfers one carries:
// after a burst there are soon no more of them than are needed.
const (
	mostIdle = 256
	turns    = 64
)

func newWorkers() workers { return workers{make(chan func()), make(chan struct{}, mostIdle)} }

// do calls f in one of the goroutines, or in a new one.
func (w workers) do(ctx context.Context, f func()) {
	select {
	case w.next <- f:
	default:
		go w.work(ctx, f)
	}
}

// work calls functions until it has had its turns, the context ends, or enough
// others wait.
func (w workers) work(ctx context.Context, f func()) {
	f()
	for turn := 1; turn < turns; turn++ {
		if f = w.wait(ctx); f == nil {
			return
		}
		f()
	}
}

// wait returns what is to be done next, or nil.
func (w workers) wait(ctx context.Context) (f func()) {
	select {
	case w.idle <- struct{}{}:
	default:
		return nil
	}
	select {
	case f = <-w.next:
	case <-ctx.Done():
	}
	<-w.idle
	return f
}
