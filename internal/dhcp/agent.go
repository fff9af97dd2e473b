package dhcp

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"time"

	"provsim/device"
)

// A Wire carries messages of clients to servers. [Relay] and [Interface] are
// wires; a model of a network is another.
type Wire interface {
	// Send puts a message on the wire. It does not wait for an answer.
	Send(c *Client, m Message) error
	// Hold says which address a client uses from now on; the zero Addr means no address.
	Hold(c *Client, addr netip.Addr)
}

// An Agent runs the machines of many clients over one wire. It has no clock, no
// loop and no goroutine: it is called like a machine, and all its methods but
// [Agent.Owner] belong to one goroutine.
type Agent struct {
	wire    Wire
	clients []client
	owners  map[device.MAC]int // only read once it is filled
	acts    []Action
	counts  Counts
	offer   *device.Offer // the latest; clients with equal options share one
	strays  atomic.Uint64
	informs map[int]*inform // by client: DHCPINFORMs without an answer so far
}

type client struct {
	Client
	machine Machine
	random  rand.PCG
	held    netip.Addr
}

// Counts are the numbers of messages and replies by their fate.
type Counts struct {
	Sent    uint64 // messages on the wire, repetitions included
	Unsent  uint64 // messages that the wire did not take
	Leases  uint64 // ACKs that gave or renewed a lease
	Dropped uint64 // replies that were ignored: late, repeated, incomplete, of a server that was not chosen
	Strays  uint64 // replies for the hardware address of no client
}

// NewAgent returns an agent for clients, which are numbered from 0 and have no
// power yet. The random numbers of a client depend on the seed and its hardware
// address alone, so that it does not matter who runs beside it.
func NewAgent(wire Wire, seed uint64, clients []Client) (*Agent, error) {
	a := &Agent{wire: wire, clients: make([]client, len(clients)), owners: make(map[device.MAC]int, len(clients))}
	for i, c := range clients {
		if err := c.check(); err != nil {
			return nil, err
		}
		if other, taken := a.owners[c.MAC]; taken {
			return nil, fmt.Errorf("DHCP clients %d and %d have the same hardware address %v", other, i, c.MAC.Colons())
		}
		a.owners[c.MAC] = i
		a.clients[i].Client = c
		a.clients[i].random.Seed(seed, binary.BigEndian.Uint64(append([]byte{0, 0}, c.MAC[:]...)))
	}
	return a, nil
}

// Step tells client i what happened, sends what it wants sent, and appends to
// rest what the caller has to do: Use, Lose and Note. The agent fills in the
// hardware address, the delay and the random number of the input.
func (a *Agent) Step(i int, in Input, rest []Action) []Action {
	c := &a.clients[i]
	in.MAC, in.Delay, in.Rand = c.MAC, c.Delay, c.random.Uint64()
	switch in.Kind {
	case Start, Again, Leave, PowerOff:
		delete(a.informs, i)
		if c.again = in.Kind == Again; c.again {
			in.Kind, in.Delay = Start, 0
		}
	}
	if in.Kind == Inform || a.informs[i] != nil {
		var done bool
		if rest, done = a.inform(i, &in, rest); done {
			return rest
		}
	}
	a.acts = c.machine.Step(in, a.acts[:0])
	for _, act := range a.acts {
		rest = a.act(c, act, rest)
	}
	if addr := c.machine.Status().Addr; addr != c.held {
		c.held = addr
		a.wire.Hold(&c.Client, addr)
	}
	clear(a.acts)
	return rest
}

func (a *Agent) act(c *client, act Action, rest []Action) []Action {
	switch act.Do {
	case Send:
		if err := a.wire.Send(&c.Client, act.Message); err != nil {
			a.counts.Unsent++
			act.Do, act.Why, act.Err = Note, Unsent, err
			return append(rest, act)
		}
		a.counts.Sent++
		return rest
	case Drop:
		a.counts.Dropped++
		return rest
	case Use:
		a.counts.Leases++
		c.hop = act.Reply.hop
		if lease := &act.Reply.Lease; lease.Offer.Equal(a.offer) {
			lease.Offer = a.offer
		} else {
			a.offer = lease.Offer
		}
	case Note:
		if act.Why == Rival || act.Why == Incomplete {
			a.counts.Dropped++
		}
	}
	return append(rest, act)
}

// Deadline returns the instant by which client i wants a Tick, or Never.
func (a *Agent) Deadline(i int) time.Duration {
	next := a.clients[i].machine.Deadline()
	if m := a.informs[i]; m != nil {
		next = min(next, m.next)
	}
	return next
}

// Status returns what client i does or waits for.
func (a *Agent) Status(i int) Status { return a.clients[i].machine.Status() }

// Owner returns the client that a reply is for, by its hardware address; the
// machine checks the rest. A reply for no client is counted. Owner may be called
// from any goroutine.
func (a *Agent) Owner(r *Reply) (i int, ok bool) {
	if i, ok = a.owners[r.MAC]; !ok {
		a.strays.Add(1)
	}
	return i, ok
}

// Counts returns the counts so far.
func (a *Agent) Counts() Counts {
	counts := a.counts
	counts.Strays = a.strays.Load()
	return counts
}
