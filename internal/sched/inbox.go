package sched

import (
	"sync"
	"sync/atomic"
)

// inbox holds events from other goroutines until the loop takes them.
type inbox[E any] struct {
	mu     sync.Mutex
	events []E
	some   atomic.Bool   // there are events: spares the loop the lock where there are none
	signal chan struct{} // holds a token while events may be waiting
}

func (b *inbox[E]) post(e E) {
	b.mu.Lock()
	b.events = append(b.events, e)
	b.some.Store(true)
	b.mu.Unlock()
	select {
	case b.signal <- struct{}{}:
	default:
	}
}

// take returns what has been posted and leaves spare to be filled next.
func (b *inbox[E]) take(spare []E) []E {
	b.mu.Lock()
	defer b.mu.Unlock()
	events := b.events
	b.events = spare[:0]
	b.some.Store(false)
	return events
}
