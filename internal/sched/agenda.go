package sched

import "time"

// agenda orders events with an instant by it and, at the same instant, by the
// order in which they were added. The wheel holds where an event lies, not the
// event, which may be large.
type agenda[E any] struct {
	wheel  wheel
	events []E
	free   []uint32 // places of events that nothing uses
	added  uint64
}

// An entry's key is the number of the event, which gives the order, above its
// place. Numbers begin anew whenever the agenda is empty.
const placeBits = 28

func (a *agenda[E]) add(at time.Duration, e E) {
	if a.wheel.count == 0 {
		a.added = 0
	}
	place := len(a.events)
	if last := len(a.free) - 1; last >= 0 {
		place = int(a.free[last])
		a.free = a.free[:last]
		a.events[place] = e
	} else {
		a.events = append(a.events, e)
	}
	a.added++
	a.wheel.add(entry{at, a.added<<placeBits | uint64(place)})
}

// first returns the entry of the earliest event, or one at Never.
func (a *agenda[E]) first() entry { return a.wheel.first() }

// take takes out the event whose entry first has returned.
func (a *agenda[E]) take(first entry) E {
	place := first.key & (1<<placeBits - 1)
	a.wheel.drop()
	e := a.events[place]
	var none E
	a.events[place] = none
	a.free = append(a.free, uint32(place))
	return e
}
