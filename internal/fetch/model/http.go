package model

import (
	"time"

	"provsim/device"
	"provsim/resync"
)

// synWaits are how long a device waits after each SYN: RFC 6298 sections 2 and 5,
// with the six repetitions of Linux (tcp(7), tcp_syn_retries).
var synWaits = [...]time.Duration{
	1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second,
	16 * time.Second, 32 * time.Second, 64 * time.Second,
}

// TCP in what matters here: bytes of a segment over Ethernet, and the least time
// after which Linux sends a lost one again (TCP_RTO_MIN).
const (
	segment   = 1460
	minResend = 200 * time.Millisecond
)

// connect takes the SYN of a connection.
func (s *Server) connect(c *attempt) {
	h := &s.cfg.HTTP
	kind, factor := s.outages.at(c.at)
	switch {
	case kind == Gone:
		s.unheard(c, ServerGone)
	case kind == Stopped:
		s.turnAway(c, Reset, ServerOff)
	case kind == Erring:
		s.turnAway(c, Unavailable, ServerErring)
	case s.bans.holds(c.at, c.Source):
		s.stats.Banned++
		s.turnAway(c, s.bans.Answer, SourceBanned)
	case h.Refuse > 0 && c.rng().unit(drawRefuse) < h.Refuse:
		s.turnAway(c, Reset, Unlucky)
	case s.web.turn(c.at) > c.at && s.web.waiting.len >= h.Queue:
		s.stats.HTTP.Full++
		s.turnAway(c, h.Full, QueueFull)
	default:
		s.bans.note(c.at, c.Source, c.Answer != resync.None)
		s.enqueue(c, factor)
	}
}

// turnAway answers without a worker.
func (s *Server) turnAway(c *attempt, how Refusal, why Reason) {
	switch how {
	case Silence:
		s.unheard(c, why)
	case Reset:
		s.finish(c, answer{last: c.at + c.back, outcome: resync.Refused, why: why}, 0)
	default:
		s.finish(c, answer{last: c.at + c.back + c.handshakes(), outcome: resync.HTTPStatus, status: how.status(), why: why}, 0)
	}
}

// enqueue gives the request to a worker, who may have to be waited for.
func (s *Server) enqueue(c *attempt, factor float64) {
	h := &s.cfg.HTTP
	start := s.web.turn(c.at)
	switch limit := c.at + h.WaitLimit; {
	case h.WaitLimit > 0 && start > limit:
		s.web.wait(c.at, limit)
		s.stats.HTTP.Expired++
		s.fail(c, limit, 503, WaitedLong)
	case h.NoticesHangup && start > c.end+c.back:
		s.web.wait(c.at, start)
		s.stats.HTTP.Abandoned++
		s.finish(c, answer{last: c.end, outcome: resync.Timeout, why: GaveUp}, 0)
	default:
		s.serve(c, start, s.service(c, factor))
	}
}

// serve has a worker do the request.
func (s *Server) serve(c *attempt, start, service time.Duration) {
	h := &s.cfg.HTTP
	network := c.link() + c.repairs(2+2*(c.size()/segment+1), max(minResend, c.trip()))
	limited := h.ServiceLimit > 0 && service > h.ServiceLimit
	if limited {
		service = h.ServiceLimit
	}
	if limited || c.Answer != resync.None {
		network = 0
	}
	held := service
	if h.Blocking {
		held += network + c.handshakes()
	}
	s.web.serve(c.at, held)
	first := start + service + c.back + c.handshakes()
	if first+network > c.end {
		s.stats.HTTP.Wasted++
		s.stats.HTTP.WastedSeconds += held.Seconds()
	}
	if limited {
		s.stats.HTTP.Limited++
		s.fail(c, start+service, 504, WorkedLong)
		return
	}
	s.deliver(c, answer{first: first, last: first + network, outcome: c.Answer})
}

// fail answers with a status at an instant.
func (s *Server) fail(c *attempt, at time.Duration, status uint16, why Reason) {
	at += c.back + c.handshakes()
	s.deliver(c, answer{first: at, last: at, outcome: resync.HTTPStatus, status: status, why: why})
}

// service draws how long a worker has to do with the request.
func (s *Server) service(c *attempt, factor float64) time.Duration {
	h := &s.cfg.HTTP
	dist := &h.Resync
	if c.Class == device.ImageClass {
		dist = &h.Upgrade
	}
	service := dist.draw(c.rng(), drawService)
	if c.Scheme == "https" {
		service += h.TLS.draw(c.rng(), drawTLS)
	}
	if c.Answer == resync.None {
		service += sending(c.size(), h.Rate)
	}
	return scale(service, factor)
}

// handshakes are the round trips before the request that it cannot do without:
// one for TCP, and two for TLS 1.2, which phones of this age speak.
func (c *attempt) handshakes() time.Duration {
	if c.Scheme == "https" {
		return 3 * c.trip()
	}
	return c.trip()
}

func scale(d time.Duration, factor float64) time.Duration {
	if factor == 1 {
		return min(d, longest)
	}
	return span(float64(d) * factor)
}
