package tally

import (
	"maps"
	"slices"

	"provsim/resync"
)

// Copy returns a tally that holds what has been counted so far, to be read while
// t goes on. It takes as long as copying the memory of t does: with 100,000
// devices some milliseconds. Nothing may be added to it.
func (t *Tally) Copy() *Tally {
	c := *t
	c.phones = slices.Clone(t.phones)
	c.totals = t.totals.copy(t)
	c.transfers.Resume(maps.Clone(t.transfers.Last()))
	return &c
}

// Device returns what a device does, and how the last resync since its power
// came has ended, [resync.None] where none has.
func (t *Tally) Device(index int) (State, resync.Outcome) {
	p := &t.phones[index]
	return p.state, p.outcome
}

// copy returns totals whose curves end with the present second.
func (t *Totals) copy(of *Tally) Totals {
	c := *t
	c.seconds = slices.Clone(t.seconds[:min(len(t.seconds), int(of.at.Seconds())+1)])
	c.Waves, c.Products = slices.Clone(t.Waves), slices.Clone(t.Products)
	c.sites = t.sites.copy()
	for job := range c.latency {
		for outcome := range c.latency[job] {
			c.latency[job][outcome].part()
			c.service[job][outcome].part()
		}
	}
	for i := range c.Waves {
		c.Waves[i].ready.part()
	}
	for i := range c.Products {
		c.Products[i].provision.part()
	}
	for class := range c.transfer {
		c.transfer[class].part()
	}
	c.dhcp.part()
	c.lag.part()
	return c
}

// part gives a histogram that was copied counts of its own.
func (h *Histogram) part() {
	if h.hdr != nil {
		h.hdr = h.hdr.Clone()
	}
}

func (s *sites) copy() sites {
	c := *s
	c.successes = slices.Clone(s.successes)
	c.site = slices.Clone(s.site)
	for i := range c.site {
		c.site[i].bad = slices.Clone(s.site[i].bad)
	}
	return c
}
