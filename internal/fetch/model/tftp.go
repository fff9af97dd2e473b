package model

import (
	"time"

	"provsim/resync"
)

// accept takes a read request.
func (s *Server) accept(c *attempt) {
	kind, factor := s.outages.at(c.at)
	switch {
	case kind == Gone || kind == Stopped:
		s.unheard(c, ServerGone)
	case kind == Erring:
		s.sendError(c, Unavailable, ServerErring)
	case s.bans.holds(c.at, c.Source):
		s.stats.Banned++
		s.sendError(c, s.bans.Answer, SourceBanned)
	default:
		s.buffer(c, factor)
	}
}

// sendError turns a read request away by an ERROR packet, or says nothing.
func (s *Server) sendError(c *attempt, how Refusal, why Reason) {
	if how.status() == 0 {
		s.unheard(c, why)
		return
	}
	s.finish(c, answer{last: c.at + c.back, outcome: resync.Refused, why: why}, 0)
}

// buffer keeps a read request until the server has read it.
func (s *Server) buffer(c *attempt, factor float64) {
	accept := scale(s.cfg.TFTP.Accept.draw(c.rng(), drawAccept), factor)
	s.playUnlimited(c, accept)
	if s.read.turn(c.at) > c.at && s.read.waiting.len >= s.cfg.TFTP.Buffer {
		s.stats.TFTP.Dropped++
		s.unheard(c, BufferFull)
		return
	}
	s.bans.note(c.at, c.Source, c.Answer != resync.None)
	taken := s.read.serve(c.at, accept)
	switch {
	case s.outages.loss(c.at, taken) != nil:
		c.Progress.unlimited = 0
		s.unheard(c, CutOff)
	case !s.free(taken):
		c.Progress.unlimited = 0 // no buffer helps against this
		s.stats.TFTP.Ignored++
		s.unheard(c, TooBusy)
	default:
		s.open(c, taken, factor)
		s.unheard(c, NoAnswer)
	}
}

// free reports whether one more transfer may begin at an instant.
func (s *Server) free(at time.Duration) bool {
	for len(s.transfers) > 0 && time.Duration(s.transfers[0]) <= at {
		s.transfers.Pop()
	}
	return s.cfg.TFTP.Transfers == 0 || len(s.transfers) < s.cfg.TFTP.Transfers
}

// open begins a transfer. The device takes the first that answers, and ends
// each other with error 5 (RFC 1350 section 4).
func (s *Server) open(c *attempt, taken time.Duration, factor float64) {
	end := taken + c.trip()
	if p := &c.Progress; p.first != 0 {
		s.stats.TFTP.Wasted++
	} else {
		p.first = taken + c.back
		p.last = p.first + s.blocks(c, factor)
		end = p.last + c.back // the last acknowledgement
	}
	if s.cfg.TFTP.Transfers > 0 {
		s.transfers.Push(instant(end))
	}
}

// receive ends a transfer whose first answer comes before the device would
// repeat its request.
func (s *Server) receive(c *attempt) {
	p := &c.Progress
	if p.last > c.end {
		s.stats.TFTP.Wasted++
	}
	s.deliver(c, answer{first: p.first, last: p.last, outcome: c.Answer})
}

// blocks returns how long the file takes after its first block has come. A lost
// packet costs the first wait of the schedule.
func (s *Server) blocks(c *attempt, factor float64) time.Duration {
	if c.Answer != resync.None {
		return 0
	}
	size, window := int64(c.BlockSize), int64(c.Window)
	if size <= 0 {
		size = 512
	}
	window = max(1, window)
	blocks := c.size()/size + 1 // the last one is shorter, or empty (RFC 1350 section 6)
	rounds := (blocks - 1) / window
	work := scale(s.cfg.TFTP.Block, factor)
	return span(float64(rounds)*float64(c.trip())+float64(blocks)*float64(work)) +
		c.link() + c.repairs(2*blocks, c.waits[0])
}

// playUnlimited plays the burst against a buffer that is never full, to learn how
// large it would have had to be. A device that has its answer there sends no
// more, whatever happens to it in fact.
func (s *Server) playUnlimited(c *attempt, accept time.Duration) {
	p := &c.Progress
	if p.unlimited != 0 && p.unlimited <= c.sent {
		return
	}
	answer := s.unlimited.serve(c.at, accept) + c.back
	if p.unlimited == 0 {
		p.unlimited = answer
	}
}
