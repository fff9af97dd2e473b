package sched

import "time"

// agenda orders events with an instant by it and, at the same instant, by the
// order in which they were added. The wheel holds where an event lies, not the
// event, which may be large. Events stay where they are, so that no copy of many is made
// when there are more.
type agenda[E any] struct {
	wheel  wheel
	blocks []*[blockSize]E
	free   []uint32 // places of events that nothing uses
	added  uint64
}

// An entry's key is the number of the event, which gives the order, above its
// place. Numbers begin anew whenever the agenda is empty.
const placeBits = 28

// blockSize is for how many events room is made at once.
const blockSize = 128

func (a *agenda[E]) add(at time.Duration, e E) {
	if a.wheel.count == 0 {
		a.added = 0
	}
	if len(a.free) == 0 {
		a.grow()
	}
	last := len(a.free) - 1
	place := a.free[last]
	a.free = a.free[:last]
	*a.event(place) = e
	a.added++
	a.wheel.add(entry{at, a.added<<placeBits | uint64(place)})
}

func (a *agenda[E]) event(place uint32) *E { return &a.blocks[place/blockSize][place%blockSize] }

// grow makes room for more events. The first place is used first.
func (a *agenda[E]) grow() {
	end := uint32(len(a.blocks)+1) * blockSize
	a.blocks = append(a.blocks, new([blockSize]E))
	for n := range uint32(blockSize) {
		a.free = append(a.free, end-1-n)
	}
}

// first returns the entry of the earliest event, or one at Never.
func (a *agenda[E]) first() entry { return a.wheel.first() }

// take takes out the event whose entry first has returned.
func (a *agenda[E]) take(first entry) E {
	place := uint32(first.key & (1<<placeBits - 1))
	a.wheel.drop()
	at := a.event(place)
	e := *at
	var none E
	*at = none
	a.free = append(a.free, place)
	return e
}
