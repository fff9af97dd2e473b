package sched

import (
	"container/heap"
	"sync"
	"time"
)

// inbox holds events from other goroutines until the loop takes them.
type inbox[E any] struct {
	mu     sync.Mutex
	events []E
	signal chan struct{} // holds a token while events may be waiting
}

func (b *inbox[E]) post(e E) {
	b.mu.Lock()
	b.events = append(b.events, e)
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
	return events
}

// agenda orders events with an instant by it and, at the same instant, by the
// order in which they were added.
type agenda[E any] struct {
	items []item[E]
	added uint64
}

type item[E any] struct {
	at    time.Duration
	order uint64
	event E
}

func (a *agenda[E]) Len() int { return len(a.items) }
func (a *agenda[E]) Less(i, j int) bool {
	x, y := &a.items[i], &a.items[j]
	return x.at < y.at || x.at == y.at && x.order < y.order
}
func (a *agenda[E]) Swap(i, j int) { a.items[i], a.items[j] = a.items[j], a.items[i] }
func (a *agenda[E]) Push(x any)    { a.items = append(a.items, x.(item[E])) }
func (a *agenda[E]) Pop() any {
	last := len(a.items) - 1
	x := a.items[last]
	a.items[last] = item[E]{}
	a.items = a.items[:last]
	return x
}

func (a *agenda[E]) add(at time.Duration, e E) {
	a.added++
	heap.Push(a, item[E]{at, a.added, e})
}

func (a *agenda[E]) first() time.Duration {
	if len(a.items) == 0 {
		return Never
	}
	return a.items[0].at
}

func (a *agenda[E]) pop() E { return heap.Pop(a).(item[E]).event }
