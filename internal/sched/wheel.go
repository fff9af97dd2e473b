package sched

import (
	"math/bits"
	"slices"
	"time"

	"provsim/internal/heap"
)

// A wheel orders entries by instant and key. What is far off lies unsorted in
// slots, which get finer as the time comes nearer; only the entries of the
// nearest tick are sorted. So adding one and taking the first cost the same
// with a million entries as with a thousand, and touch memory in its order. The
// idea is the hierarchical timing wheel of Varghese and Lauck (1987); the order
// is exact, because the last step sorts.
type wheel struct {
	sorted []entry // those of the tick that was reached last, from next on in order
	next   int
	late   heap.Heap[entry] // those added to that tick, or to one before it, since

	tick  uint64 // all entries of this tick and before are in sorted or late
	slots [levels][perLevel]*chunk
	used  [levels][perLevel / 64]uint64 // a bit for each slot that is not empty
	spare *chunk
	count int
}

// entry is one thing that is due at an instant. Entries of the same instant are
// in the order of their keys.
type entry struct {
	at  time.Duration
	key uint64
}

// Before puts entries in the order of time, those of one instant in the order of
// their keys.
func (e entry) Before(o entry) bool { return e.at < o.at || e.at == o.at && e.key < o.key }

func compare(a, b entry) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return 0
}

// A tick is a millisecond: with a million devices less than one wakes up in it in
// a steady day, and some ten where all began at once, few enough to be sorted
// quickly. Levels of 512 slots reach to the end of time.Duration.
const (
	tickBits  = 20
	levelBits = 9
	perLevel  = 1 << levelBits
	levels    = 5
)

// chunk holds entries of one slot, in a list with others. Its size is that of
// an allocation of 2 KB.
type chunk struct {
	older   *chunk
	len     int
	entries [127]entry
}

func (w *wheel) add(e entry) {
	w.count++
	w.place(e)
}

// place puts an entry where it belongs as seen from the current tick.
func (w *wheel) place(e entry) {
	tick := uint64(e.at) >> tickBits
	if e.at < 0 || tick <= w.tick {
		w.hurry(e)
		return
	}
	level := (bits.Len64(tick^w.tick) - 1) / levelBits
	slot := tick >> (level * levelBits) % perLevel
	list := w.slots[level][slot]
	if list == nil || list.len == len(list.entries) {
		list = w.chunk(list)
		w.slots[level][slot] = list
		w.used[level][slot/64] |= 1 << (slot % 64)
	}
	list.entries[list.len] = e
	list.len++
}

// hurry puts an entry among those that come next. Where many devices do the same at one
// instant, what they ask for comes in its order, and no heap is needed.
func (w *wheel) hurry(e entry) {
	if w.next == len(w.sorted) {
		w.sorted, w.next = w.sorted[:0], 0
	}
	if last := len(w.sorted) - 1; last >= 0 && e.Before(w.sorted[last]) {
		w.late.Push(e)
		return
	}
	w.sorted = append(w.sorted, e)
}

func (w *wheel) chunk(older *chunk) *chunk {
	c := w.spare
	if c == nil {
		return &chunk{older: older}
	}
	w.spare = c.older
	c.older, c.len = older, 0
	return c
}

// first returns the earliest entry, or one at Never.
func (w *wheel) first() entry {
	for w.next == len(w.sorted) {
		switch {
		case len(w.late) > 0:
			return w.late[0]
		case w.count == 0:
			return entry{at: Never}
		}
		w.advance()
	}
	if len(w.late) > 0 && w.late[0].Before(w.sorted[w.next]) {
		return w.late[0]
	}
	return w.sorted[w.next]
}

// drop takes out the entry that first has returned.
func (w *wheel) drop() {
	w.count--
	if w.next < len(w.sorted) && (len(w.late) == 0 || w.sorted[w.next].Before(w.late[0])) {
		w.next++
		return
	}
	w.late.Pop()
}

// advance moves to the next tick that has entries, or to the next slot of a
// coarser level, which it spreads over the finer ones. There must be one.
func (w *wheel) advance() {
	for level := range levels {
		shift := level * levelBits
		slot, ok := w.usedAfter(level, w.tick>>shift%perLevel)
		if !ok {
			continue
		}
		w.tick = (w.tick>>shift&^(perLevel-1) | slot) << shift
		list := turned(w.slots[level][slot])
		w.slots[level][slot] = nil
		w.used[level][slot/64] &^= 1 << (slot % 64)
		if level == 0 {
			w.sort(list)
			return
		}
		for list != nil {
			for _, e := range list.entries[:list.len] {
				w.place(e)
			}
			list = w.free(list)
		}
		return
	}
}

// usedAfter returns the first slot of a level after one that is not empty.
func (w *wheel) usedAfter(level int, slot uint64) (uint64, bool) {
	slot++
	for word := slot / 64; word < perLevel/64; word++ {
		set := w.used[level][word]
		if word == slot/64 {
			set &= ^uint64(0) << (slot % 64)
		}
		if set != 0 {
			return word*64 + uint64(bits.TrailingZeros64(set)), true
		}
	}
	return 0, false
}

// sort makes the entries of a slot those that come next.
func (w *wheel) sort(list *chunk) {
	w.sorted, w.next = w.sorted[:0], 0
	for list != nil {
		w.sorted = append(w.sorted, list.entries[:list.len]...)
		list = w.free(list)
	}
	slices.SortFunc(w.sorted, compare)
}

// turned returns the chunks of a list the other way round: lists grow at their head.
// Entries are often added in order and keep it so; sorting is quickest then.
func turned(list *chunk) (first *chunk) {
	for list != nil {
		older := list.older
		list.older, first = first, list
		list = older
	}
	return first
}

// free keeps a chunk for later and returns the next one of its list.
func (w *wheel) free(c *chunk) *chunk {
	older := c.older
	c.older, w.spare = w.spare, c
	return older
}
