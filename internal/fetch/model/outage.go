package model

import (
	"cmp"
	"slices"
	"time"
)

// A Failing is what an outage is like for devices.
type Failing string

// The kinds of outage. A server that is gone or stopped has lost all that it had
// accepted; connections to a stopped one are reset at that moment.
const (
	Gone    Failing = "silent"  // host or network: packets get no answer
	Stopped Failing = "refused" // the program: connections are refused, TFTP gets no answer
	Erring  Failing = "error"   // what stands behind it: HTTP 503, a TFTP error, without a worker
	Slow    Failing = "slow"    // requests that come in this time are served slower
)

// An Outage is a time in which the server does not work as it should.
type Outage struct {
	// From and Till, instants since the run began, up to 100 years; Till is not
	// part of the outage.
	From time.Duration `yaml:"from" json:"from"`
	Till time.Duration `yaml:"till" json:"till"`
	Kind Failing       `yaml:"kind" json:"kind"`
	// Factor by which service, handshakes, accepting and blocks take longer where
	// Kind is Slow, over 0 to 1,000,000.
	Factor float64 `yaml:"factor,omitempty" json:"factor,omitempty"`
}

// loses reports whether requests under way do not survive the outage's begin.
func (o *Outage) loses() bool { return o.Kind == Gone || o.Kind == Stopped }

// outages are in their order; those that are over are gone.
type outages []Outage

func inOrder(all []Outage) outages {
	return slices.SortedFunc(slices.Values(all), func(a, b Outage) int { return cmp.Compare(a.From, b.From) })
}

// at returns what is wrong at an instant, and the factor of service times.
func (o outages) at(now time.Duration) (kind Failing, factor float64) {
	if len(o) == 0 || now < o[0].From {
		return "", 1
	}
	if o[0].Kind == Slow {
		return Slow, o[0].Factor
	}
	return o[0].Kind, 1
}

// loss returns the first outage that begins after an instant, not later than
// another, and costs the server what it is doing; or nil.
func (o outages) loss(after, till time.Duration) *Outage {
	for i := range o {
		switch {
		case o[i].From > till:
			return nil
		case o[i].From > after && o[i].loses():
			return &o[i]
		}
	}
	return nil
}
