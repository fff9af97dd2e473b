package fleet

import (
	"time"

	"provsim/device"
)

// calls begins and ends the calls of one event. It keeps the next change of each
// line in a heap, and one event of the driver for the first of them.
type calls struct {
	*stage
	*Calls
	event uint64
	until time.Duration // from when on no more begin
	heap  []change
}

// change is the next begin or end of a call on a line.
type change struct {
	at     time.Duration
	device int32 // the driver's number
	line   uint8
	begins bool
	cycle  uint32
}

func (a change) before(b change) bool {
	return a.at < b.at || a.at == b.at && (a.device < b.device || a.device == b.device && a.line < b.line)
}

// call begins the calls of an event.
func (s *stage) call(e *Calls, occasion uint64, at time.Duration) {
	c := &calls{stage: s, Calls: e, event: occasion, until: s.Duration}
	if e.For > 0 {
		c.until = min(c.until, at+e.For)
	}
	for i := range s.size {
		n := s.who(i)
		if !s.has(e.Part, occasion, n) {
			continue
		}
		for line := range e.Lines {
			next := change{device: int32(i), line: uint8(line + 1), begins: true}
			next.at = at + c.idle(n, next)
			for s.past.has(i, next.at) && c.wants(next) {
				next = c.following(next)
			}
			c.add(next)
		}
	}
	c.rest()
}

// idle returns how long until the line's next call.
func (c *calls) idle(n int, a change) time.Duration {
	mean := time.Duration(float64(time.Hour) / c.PerHour)
	return exponential(draw(c.Seed, n, drawCall, c.cycle(a)), mean)
}

// talk returns how long the line's call takes.
func (c *calls) talk(n int, a change) time.Duration {
	return exponential(draw(c.Seed, n, drawTalk, c.cycle(a)), c.Length)
}

func (c *calls) cycle(a change) uint64 { return mix(c.event)<<8 ^ uint64(a.cycle)<<8 ^ uint64(a.line) }

// following returns the next change of a line after one.
func (c *calls) following(a change) change {
	n := c.who(int(a.device))
	if a.begins {
		a.at += c.talk(n, a)
	} else {
		a.cycle++
		a.at += c.idle(n, a)
	}
	a.begins = !a.begins
	return a
}

// wants reports whether a change lies in the run.
func (c *calls) wants(a change) bool { return a.at < c.Duration && (!a.begins || a.at < c.until) }

// add takes in a change that lies in the run.
func (c *calls) add(a change) {
	if !c.wants(a) {
		return
	}
	c.heap = append(c.heap, a)
	i := len(c.heap) - 1
	for i > 0 && a.before(c.heap[(i-1)/2]) {
		c.heap[i] = c.heap[(i-1)/2]
		i = (i - 1) / 2
	}
	c.heap[i] = a
}

// take returns the first change.
func (c *calls) take() change {
	first := c.heap[0]
	last := c.heap[len(c.heap)-1]
	c.heap = c.heap[:len(c.heap)-1]
	i, n := 0, len(c.heap)
	for 2*i+1 < n {
		child := 2*i + 1
		if child+1 < n && c.heap[child+1].before(c.heap[child]) {
			child++
		}
		if !c.heap[child].before(last) {
			break
		}
		c.heap[i] = c.heap[child]
		i = child
	}
	if n > 0 {
		c.heap[i] = last
	}
	return first
}

// rest waits for the next change.
func (c *calls) rest() {
	if len(c.heap) > 0 {
		c.driver.Do(c.heap[0].at, c.ring)
	}
}

// ring does what is due.
func (c *calls) ring(now time.Duration) {
	for len(c.heap) > 0 && c.heap[0].at <= now {
		a := c.take()
		c.driver.Step(int(a.device), device.Input{Kind: device.SetLine, Line: int(a.line), Active: a.begins})
		c.add(c.following(a))
	}
	c.rest()
}
