package model

import (
	"iter"
	"time"
)

// A Ban turns a source address away for a time, as fail2ban, a web application
// firewall or a rate limit does. Phones behind one NAT share an address, and
// with it the ban. The zero value bans no address.
type Ban struct {
	// After this many counted requests within Window the next one begins the ban; it
	// is still answered. 0 to 1,000,000,000; 0 is no ban.
	After int `yaml:"after" json:"after"`
	// Window begins with the first counted request, and a new one with the first
	// after its end. Over 0, up to 10 years.
	Window time.Duration `yaml:"window" json:"window"`
	// Requests counts all of them; else only those whose answer is a failure.
	Requests bool `yaml:"requests" json:"requests"`
	// For is how long the ban lasts, up to 10 years; 0 is for ever.
	For time.Duration `yaml:"for" json:"for"`
	// Answer is what a banned source gets, on all ports.
	Answer Refusal `yaml:"answer" json:"answer"`
}

// bans knows each source address.
type bans struct {
	Ban
	sources []source
	begun   int64
}

// A source is what the server remembers of an address.
type source struct {
	till   time.Duration // the end of its ban
	window time.Duration // the end of the window in which count counts
	count  int
	banned bool          // at least once
	first  time.Duration // when its first ban began
}

// holds reports whether a source is banned.
func (b *bans) holds(now time.Duration, id uint32) bool {
	return int(id) < len(b.sources) && now < b.sources[id].till
}

// note counts a request of a source that is not banned.
func (b *bans) note(now time.Duration, id uint32, failed bool) {
	if b.After == 0 || !failed && !b.Requests {
		return
	}
	if need := int(id) + 1 - len(b.sources); need > 0 {
		b.sources = append(b.sources, make([]source, need)...)
	}
	s := &b.sources[id]
	if now >= s.window {
		s.window, s.count = now+b.Window, 0
	}
	s.count++
	if s.count <= b.After {
		return
	}
	if !s.banned {
		s.banned, s.first = true, now
	}
	s.window, s.count, s.till = 0, 0, forever
	if b.For > 0 {
		s.till = now + b.For
	}
	b.begun++
}

// Banned yields the source addresses that were banned, and when each was first.
func (s *Server) Banned() iter.Seq2[uint32, time.Duration] {
	return func(yield func(uint32, time.Duration) bool) {
		for id := range s.bans.sources {
			if one := &s.bans.sources[id]; one.banned && !yield(uint32(id), one.first) {
				return
			}
		}
	}
}
