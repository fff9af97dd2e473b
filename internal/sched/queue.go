package sched

import "time"

// queue holds one wake-up per device and orders them by instant and, at the same
// instant, by device, so that a run does not depend on the order in which they
// were set. A wake-up that is moved leaves its old entry in the wheel, where it
// is passed over when its time comes.
type queue struct {
	wheel wheel
	at    []time.Duration // by device: when it is to be woken, or Never
	live  int             // how many of at are not Never
}

type wake struct {
	at time.Duration
	id int
}

// set moves the wake-up of a device to an instant; Never takes it out.
func (q *queue) set(id int, at time.Duration) {
	for id >= len(q.at) {
		q.at = append(q.at, Never)
	}
	was := q.at[id]
	if was == at {
		return
	}
	q.at[id] = at
	if was != Never {
		q.live--
	}
	if at == Never {
		return
	}
	q.live++
	q.wheel.add(entry{at, uint64(id)})
	if stale := q.wheel.count - q.live; stale > q.live+fewStale {
		q.rebuild()
	}
}

// fewStale is how many entries of wake-ups that have moved the wheel may hold
// before they are compared with those that have not.
const fewStale = 1 << 12

// rebuild forgets the entries of wake-ups that have moved. They would be found
// when their time comes, but that can be long after too many of them are there.
func (q *queue) rebuild() {
	tick := q.wheel.tick
	q.wheel = wheel{tick: tick}
	for id, at := range q.at {
		if at != Never {
			q.wheel.add(entry{at, uint64(id)})
		}
	}
}

// first returns the earliest wake-up, or one at Never.
func (q *queue) first() wake {
	for {
		e := q.wheel.first()
		if e.at == Never {
			return wake{at: Never}
		}
		if q.at[e.key] == e.at {
			return wake{e.at, int(e.key)}
		}
		q.wheel.drop()
	}
}

// take takes out the wake-up that first has returned.
func (q *queue) take(w wake) {
	q.wheel.drop()
	q.at[w.id] = Never
	q.live--
}
