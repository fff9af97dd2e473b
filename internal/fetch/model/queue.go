package model

import "time"

// ends are instants at which something ends, a heap with the earliest first.
type ends []time.Duration

func (h *ends) push(t time.Duration) {
	*h = append(*h, t)
	a := *h
	i := len(a) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if a[parent] <= t {
			break
		}
		a[i] = a[parent]
		i = parent
	}
	a[i] = t
}

func (h *ends) pop() {
	a := *h
	last := a[len(a)-1]
	*h = a[:len(a)-1]
	if len(*h) > 0 {
		h.replaceFirst(last)
	}
}

// replaceFirst is pop and push in one.
func (h *ends) replaceFirst(t time.Duration) {
	a := *h
	i := 0
	for {
		child := 2*i + 1
		if child >= len(a) {
			break
		}
		if child+1 < len(a) && a[child+1] < a[child] {
			child++
		}
		if a[child] >= t {
			break
		}
		a[i] = a[child]
		i = child
	}
	a[i] = t
}

// A ring is a queue of instants. It grows to the largest number that it ever
// holds.
type ring struct {
	slots []time.Duration // a power of two of them, or none
	head  int
	len   int
}

func (r *ring) at(i int) time.Duration { return r.slots[(r.head+i)&(len(r.slots)-1)] }

func (r *ring) first() time.Duration { return r.slots[r.head] }

func (r *ring) push(t time.Duration) {
	if r.len == len(r.slots) {
		r.grow()
	}
	r.slots[(r.head+r.len)&(len(r.slots)-1)] = t
	r.len++
}

func (r *ring) pop() {
	r.head = (r.head + 1) & (len(r.slots) - 1)
	r.len--
}

func (r *ring) grow() {
	wider := make([]time.Duration, max(64, 2*len(r.slots)))
	for i := range r.len {
		wider[i] = r.at(i)
	}
	r.slots, r.head = wider, 0
}
