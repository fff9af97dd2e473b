package model

import (
	"slices"
	"time"

	"provsim/internal/heap"
)

// A Server is the state of a modelled server. It belongs to one goroutine.
type Server struct {
	cfg     Config
	outages outages
	bans    bans
	now     time.Duration

	web       queue              // the workers and the queue of HTTP
	read      queue              // the TFTP server's socket and its reader
	unlimited queue              // the same with a buffer that is never full
	transfers heap.Heap[instant] // when TFTP transfers end, where their number is limited

	stats  Stats
	result Result // of the latest call of Arrive
}

// New returns a server that has not been asked anything, or what is wrong with
// the configuration (see [Config.Validate]).
func New(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.TFTP.Waits = slices.Clone(cfg.TFTP.Waits)
	return &Server{
		cfg: cfg, outages: inOrder(cfg.Outages), bans: bans{Ban: cfg.Ban},
		web: queue{workers: cfg.HTTP.Workers}, read: queue{workers: 1}, unlimited: queue{workers: 1},
		stats: Stats{TFTP: TFTPStats{AnsweredAt: make([]int64, len(cfg.TFTP.Waits))}},
	}, nil
}

// Arrive is called when a device opens a transfer, and again whenever a [Result]
// asks for it. It changes nothing of the request but its Progress, and does not
// keep it. The result is valid until the next call. Instants are durations since the
// run began and must not decrease from call to call, of whatever device; an earlier one
// counts as the latest.
func (s *Server) Arrive(now time.Duration, r *Request) *Result {
	s.now = min(max(s.now, now), forever)
	var c attempt
	s.prepare(&c, r)
	if r.Progress.placed {
		r.Progress.placed = false
		c.sent -= r.Path.Delay / 2
	} else if !s.depart(&c) {
		return &s.result
	}
	s.advance(c.at)
	if c.tftp {
		s.read.advance(c.at)
		s.unlimited.advance(c.at)
		s.accept(&c)
	} else {
		s.web.advance(c.at)
		s.connect(&c)
	}
	return &s.result
}

// advance meets the outages that have begun.
func (s *Server) advance(at time.Duration) {
	for len(s.outages) > 0 && s.outages[0].From <= at {
		s.begin(&s.outages[0])
		if at < s.outages[0].Till {
			break
		}
		s.outages = s.outages[1:]
	}
}

// begin loses what the server has in hand, if the outage does so. A server that
// is in one has nothing, so that this has no effect.
func (s *Server) begin(o *Outage) {
	if !o.loses() {
		return
	}
	s.web.stop(o.From)
	s.read.stop(o.From)
	s.unlimited.stop(o.From)
	s.transfers = s.transfers[:0]
}

// Waiting returns how many requests wait for the server at an instant, which counts like
// that of a call of Arrive.
func (s *Server) Waiting(now time.Duration) int {
	s.now = min(max(s.now, now), forever)
	at := s.now + s.cfg.RoundTrip/2
	s.advance(at)
	s.web.advance(at)
	s.read.advance(at)
	return s.web.waiting.len + s.read.waiting.len
}

// Stats tells about the time up to an instant, which counts like that of a call
// of Arrive: time does not go back.
func (s *Server) Stats(now time.Duration) Stats {
	s.now = min(max(s.now, now), forever)
	at := s.now + s.cfg.RoundTrip/2
	s.advance(at)
	all := s.stats
	all.Bans = s.bans.begun
	all.HTTP.Load = s.web.load(at)
	t := &all.TFTP
	t.Load = s.read.load(at)
	t.AnsweredAt = slices.Clone(t.AnsweredAt)
	t.Enough, t.EnoughWait = s.unlimited.maxWaiting, s.unlimited.maxWait
	if short := t.Enough - s.cfg.TFTP.Buffer; short > 0 {
		accept := s.unlimited.worked / float64(s.unlimited.served)
		t.ShortBy = span(float64(short) * accept * float64(time.Second))
	}
	return all
}
