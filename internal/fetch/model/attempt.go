package model

import (
	"time"

	"provsim/resync"
)

// usualTimeout is that of FV-NET-1.
const usualTimeout = time.Minute

// An attempt is one packet that opens a transfer, or tries to, and its result.
type attempt struct {
	*Request
	tftp  bool
	seed  uint64
	waits []time.Duration // how long the device waits after each such packet

	now  time.Duration // of the call of Arrive
	sent time.Duration // when the device sent the packet
	at   time.Duration // when it is at the server
	back time.Duration // from the server to the device
	end  time.Duration // when the device gives up
}

// prepare fills in an attempt that is zero.
func (s *Server) prepare(c *attempt, r *Request) {
	p := &r.Progress
	if p.tries == 0 {
		s.stats.Requests++
		p.begun = s.now
	}
	if !p.placed && p.tries < 255 {
		p.tries++
	}
	c.Request, c.tftp, c.seed, c.waits = r, r.Scheme == "tftp", s.cfg.Seed, synWaits[:]
	c.now, c.sent, c.at, c.back = s.now, s.now, s.now+s.cfg.RoundTrip/2, s.cfg.RoundTrip/2
	c.end = p.begun + usualTimeout
	if r.Timeout > 0 {
		c.end = p.begun + min(r.Timeout, 100*year)
	}
	if r.Path != nil {
		c.back += r.Path.Delay / 2
	}
	if c.tftp {
		c.waits = s.cfg.TFTP.Waits
	}
}

// rng is made on demand: most packets that find a server overloaded need no draw.
func (c *attempt) rng() rng { return draws(c.seed, c.Device, c.Cycle, c.Progress.tries) }

// trip is the whole way there and back.
func (c *attempt) trip() time.Duration { return 2 * c.back }

// size is that of the file, cut where more would overflow a sum.
func (c *attempt) size() int64 { return min(max(0, c.Size), mostSize) }

// link returns how long the device's link takes to carry the file.
func (c *attempt) link() time.Duration {
	if c.Path == nil {
		return 0
	}
	return sending(c.size(), c.Path.Rate)
}

// repairs returns how long it takes to send lost packets again, each after a
// wait. It draws the whole and the broken part of the expected number, which is
// right on average and, for the few packets of a configuration, close to the
// binomial distribution.
func (c *attempt) repairs(packets int64, wait time.Duration) time.Duration {
	if c.Path == nil || c.Path.Loss <= 0 {
		return 0
	}
	lost := int64(c.Path.Loss*float64(packets) + c.rng().unit(drawRepair))
	return span(float64(lost) * float64(wait))
}

// arrived returns how much of the file is at the device at an instant.
func (c *attempt) arrived(first, last, at time.Duration) int64 {
	switch {
	case at >= last:
		return c.size()
	case at <= first:
		return 0
	}
	return int64(float64(c.size()) * (float64(at-first) / float64(last-first)))
}

// depart sends the packet. It returns false where the attempt ends with that: the
// packet is lost, or others that are sent later may be at the server before it.
func (s *Server) depart(c *attempt) bool {
	if c.Progress.tries > 1 {
		s.stats.Repeats++
	}
	switch {
	case c.Path == nil:
		return true
	case c.Path.Loss > 0 && c.rng().unit(drawLoss) < c.Path.Loss:
		s.stats.Lost++
		s.unheard(c, LostRequest)
		return false
	case c.Path.Delay > 0:
		c.Progress.placed = true
		s.result = Result{After: c.Path.Delay / 2}
		return false
	}
	return true
}

// unheard is for a packet that gets no answer of its own: the device gets one to
// an earlier packet, sends the next, or gives up.
func (s *Server) unheard(c *attempt, why Reason) {
	p := &c.Progress
	next := c.sent + c.waits[min(int(p.tries), len(c.waits))-1]
	switch {
	case p.first != 0 && p.first <= next:
		s.receive(c)
		return
	case next < c.end && int(p.tries) < len(c.waits):
		s.result = Result{After: max(0, next-c.now)}
		return
	case p.first != 0:
		s.stats.TFTP.Wasted++
		why = NoAnswer
	}
	s.finish(c, answer{last: min(next, c.end), outcome: resync.Timeout, why: why}, 0)
}
