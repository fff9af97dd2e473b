// Package heap keeps things in a binary heap, without the interface values of
// container/heap: these heaps hold small structs and are used for each event.
package heap

// Item is a thing that knows whether it comes before another.
type Item[T any] interface{ Before(T) bool }

// Heap holds things, of which the first one is at index 0. The zero value is
// empty.
type Heap[T Item[T]] []T

// Push adds a thing.
func (h *Heap[T]) Push(x T) {
	s := append(*h, x)
	*h = s
	i := len(s) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !x.Before(s[parent]) {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = x
}

// Pop removes the first thing and returns it. The heap must not be empty.
func (h *Heap[T]) Pop() T {
	s := *h
	first, last := s[0], s[len(s)-1]
	var none T
	s[len(s)-1] = none
	*h = s[:len(s)-1]
	if len(*h) > 0 {
		h.Replace(last)
	}
	return first
}

// Replace puts a thing in place of the first one, which is quicker than Pop and
// Push. The heap must not be empty.
func (h *Heap[T]) Replace(x T) {
	s := *h
	i := 0
	for {
		child := 2*i + 1
		if child >= len(s) {
			break
		}
		if right := child + 1; right < len(s) && s[right].Before(s[child]) {
			child = right
		}
		if !s[child].Before(x) {
			break
		}
		s[i] = s[child]
		i = child
	}
	s[i] = x
}
