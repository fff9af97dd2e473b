package model

import (
	"time"

	"provsim/resync"
)

// An answer is what a device gets.
type answer struct {
	first, last time.Duration // when its first and its last byte are there
	outcome     resync.Outcome
	status      uint16
	why         Reason
}

// deliver brings an answer to the device, if neither an outage nor the device's
// time limit comes first.
func (s *Server) deliver(c *attempt, a answer) {
	first, whole, heard := a.first, a.last, a.last
	if o := s.outages.loss(min(c.at, a.first-c.back), a.last-c.back); o != nil {
		a, heard = s.broken(c, o), o.From+c.back
	}
	if a.last > c.end {
		a = answer{last: c.end, outcome: resync.Timeout, why: GaveUp}
	}
	bytes := int64(0)
	if c.Answer == resync.None && a.status == 0 {
		bytes = c.arrived(first, whole, min(a.last, heard))
	}
	s.finish(c, a, bytes)
}

// broken is what becomes of an answer in an outage. The kernel of a stopped HTTP
// server closes its connections; a TFTP client hears nothing, and neither
// does the client of a server that is gone.
func (s *Server) broken(c *attempt, o *Outage) answer {
	a := answer{last: forever, outcome: resync.Timeout, why: CutOff}
	switch {
	case c.tftp:
		a.last = o.From + c.back
		for _, wait := range c.waits {
			a.last += wait
		}
	case o.Kind == Stopped:
		a.last, a.outcome = o.From+c.back, resync.Truncated
	}
	return a
}

// finish ends the transfer and counts its end.
func (s *Server) finish(c *attempt, a answer, bytes int64) {
	r := &s.result
	r.After, r.Done = max(0, a.last-c.now), true
	r.Outcome, r.Status, r.Bytes, r.Why, r.Tries = a.outcome, a.status, bytes, a.why, 0
	if c.tftp {
		r.Tries = c.Progress.tries
	}
	s.stats.count(c, r)
}
