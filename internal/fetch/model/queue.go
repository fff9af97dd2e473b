package model

import (
	"math"
	"time"

	"provsim/internal/heap"
)

// forever is later than any instant of a run, and far enough from the largest
// Duration to add to it.
const forever = time.Duration(math.MaxInt64 / 2)

// A queue is a number of workers who serve in the order of arrival. The start
// of a service is known at the arrival, because the service times of all before
// it are: no event is needed for it. Instants do not decrease from call to call.
type queue struct {
	workers int
	busy    heap.Heap[instant] // when each busy worker has nothing more to do
	waiting ring               // when each waiting request's turn comes

	served, maxWaiting, maxBusy int
	maxWait                     time.Duration
	waited, worked              float64 // seconds, those to come of accepted requests included
}

// advance lets time pass.
func (q *queue) advance(now time.Duration) {
	for len(q.busy) > 0 && time.Duration(q.busy[0]) <= now {
		q.busy.Pop()
	}
	for q.waiting.len > 0 && q.waiting.first() <= now {
		q.waiting.pop()
	}
}

// turn returns when the service of a request that comes now would start.
func (q *queue) turn(now time.Duration) time.Duration {
	if len(q.busy) < q.workers {
		return now
	}
	return time.Duration(q.busy[0])
}

// serve accepts a request that comes now, and returns when its service ends.
func (q *queue) serve(now, service time.Duration) time.Duration {
	start := q.turn(now)
	end := min(start+service, forever)
	if len(q.busy) < q.workers {
		q.busy.Push(instant(end))
		q.maxBusy = max(q.maxBusy, len(q.busy))
	} else {
		q.busy.Replace(instant(end))
		q.wait(now, start)
	}
	q.served++
	q.worked += (end - start).Seconds()
	return end
}

// wait puts a request into the queue until an instant that is not before that
// of any other in it.
func (q *queue) wait(now, till time.Duration) {
	q.waiting.push(till)
	q.maxWaiting = max(q.maxWaiting, q.waiting.len)
	q.maxWait = max(q.maxWait, till-now)
	q.waited += (till - now).Seconds()
}

// stop loses all requests that are waiting or being served.
func (q *queue) stop(now time.Duration) {
	q.advance(now)
	q.waited, q.worked = q.until(now)
	q.busy = q.busy[:0]
	q.waiting.len = 0
}

// until returns the seconds waited and worked up to an instant that advance has
// reached. A busy worker works without a pause until its entry in busy.
func (q *queue) until(now time.Duration) (waited, worked float64) {
	waited, worked = q.waited, q.worked
	for i := range q.waiting.len {
		waited -= (q.waiting.at(i) - now).Seconds()
	}
	for _, free := range q.busy {
		worked -= (time.Duration(free) - now).Seconds()
	}
	return waited, worked
}

// load tells about the time from 0 to an instant.
func (q *queue) load(now time.Duration) Load {
	q.advance(now)
	l := Load{
		Served: int64(q.served), Waiting: q.waiting.len, Busy: len(q.busy),
		MaxWaiting: q.maxWaiting, MaxBusy: q.maxBusy, MaxWait: q.maxWait,
	}
	l.WaitSeconds, l.BusySeconds = q.until(now)
	if now > 0 {
		l.Utilisation = l.BusySeconds / (float64(q.workers) * now.Seconds())
	}
	return l
}

// instant is when something ends.
type instant time.Duration

// Before puts instants in the order of time.
func (t instant) Before(o instant) bool { return t < o }

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
