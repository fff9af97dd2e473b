package sched

import "time"

// queue orders one wake-up per device by instant and, at the same instant, by
// device, so that a run does not depend on the order in which they were set.
// It is a binary heap that knows where each device stands.
type queue struct {
	heap  []wake
	place []int32 // by device: its index in heap plus 1, or 0 where it is not queued
}

type wake struct {
	at time.Duration
	id int32
}

func (w wake) before(o wake) bool { return w.at < o.at || w.at == o.at && w.id < o.id }

// set moves the wake-up of a device to an instant; Never takes it out.
func (q *queue) set(id int, at time.Duration) {
	if need := id + 1 - len(q.place); need > 0 {
		q.place = append(q.place, make([]int32, need)...)
	}
	i := int(q.place[id]) - 1
	switch {
	case at == Never && i < 0:
	case at == Never:
		q.remove(i)
	case i < 0:
		q.heap = append(q.heap, wake{at, int32(id)})
		q.up(len(q.heap) - 1)
	default:
		q.heap[i].at = at
		q.down(q.up(i))
	}
}

// first returns the earliest wake-up, or one at Never.
func (q *queue) first() wake {
	if len(q.heap) == 0 {
		return wake{at: Never}
	}
	return q.heap[0]
}

func (q *queue) remove(i int) {
	q.place[q.heap[i].id] = 0
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if i < last {
		q.put(i, moved)
		q.down(q.up(i))
	}
}

func (q *queue) put(i int, w wake) {
	q.heap[i] = w
	q.place[w.id] = int32(i + 1)
}

func (q *queue) up(i int) int {
	w := q.heap[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !w.before(q.heap[parent]) {
			break
		}
		q.put(i, q.heap[parent])
		i = parent
	}
	q.put(i, w)
	return i
}

func (q *queue) down(i int) {
	w := q.heap[i]
	for {
		child := 2*i + 1
		if child >= len(q.heap) {
			break
		}
		if right := child + 1; right < len(q.heap) && q.heap[right].before(q.heap[child]) {
			child = right
		}
		if !q.heap[child].before(w) {
			break
		}
		q.put(i, q.heap[child])
		i = child
	}
	q.put(i, w)
}
