package dhcp

import (
	"net/netip"
	"time"

	"provsim/device"
	"provsim/resync"
)

// Machine is the DHCP state of one client (RFC 2131). The zero value is a
// device without power; a Start begins to ask for an address. It allocates
// nothing and is copied by assignment.
type Machine struct {
	began  time.Duration // the first message of the acquisition or renewal; Never before it
	asked  time.Duration // the first REQUEST, from which a lease counts (section 4.4.1)
	next   time.Duration // when the client acts by itself
	rebind time.Duration // T2
	expiry time.Duration
	xid    uint32
	addr   [4]byte // that is asked for or leased
	server [4]byte // that was chosen
	secs   uint16  // of the DISCOVER, which its REQUEST repeats (section 3.1)
	mac    device.MAC
	state  State
	sent   uint8 // how often the message of the state was sent
	said   uint8 // a bit for each Why that was noted in this exchange
}

// The times of RFC 2131, by its sections.
const (
	firstWait     = 4 * time.Second // section 4.1: doubled with each transmission
	spread        = time.Second     // section 4.1: to either side of each wait
	transmissions = 5               // section 4.1: waits of 4, 8, 16, 32 and 64 s
	shortestRest  = time.Second     // section 4.4.1: a random time before DISCOVER,
	longestRest   = 10 * time.Second
	conflictRest  = 10 * time.Second // section 3.1: after a DECLINE
	shortestRenew = time.Minute      // section 4.4.5: between two REQUESTs of a renewal
	shortestLease = time.Second      // the unit of option 51: what has less left is over
)

// Step tells the machine what happened and appends what is to be done to acts.
// An input that does not fit, such as a conflict about an address that the
// client does not have, is ignored.
func (m *Machine) Step(in Input, acts []Action) []Action {
	if m.state.Leased() && in.Now >= m.expiry {
		acts = m.lose(Expired, in.Now+m.rest(in), nil, acts)
	}
	switch in.Kind {
	case Start:
		*m = Machine{mac: in.MAC, began: Never}
		if in.Delay > 0 {
			m.restart(in.Now + resync.Uniform(in.Rand, in.Delay))
			return acts
		}
		return m.discover(in, acts)
	case Receive:
		return m.receive(in, acts)
	case Conflict:
		return m.decline(in, acts)
	case Leave:
		return m.release(in, acts)
	case PowerOff:
		*m = Machine{}
		return acts
	}
	if in.Now < m.Deadline() {
		return acts
	}
	return m.ring(in, acts)
}

// Deadline returns the instant by which the machine wants a Tick, or Never
// where only an event can move it.
func (m *Machine) Deadline() time.Duration {
	if m.state == Off {
		return Never
	}
	return m.next
}

// ring does what was due.
func (m *Machine) ring(in Input, acts []Action) []Action {
	switch m.state {
	case Init:
		return m.discover(in, acts)
	case Selecting, Requesting:
		if m.sent < transmissions {
			return m.transmit(in, acts)
		}
		acts = append(acts, m.action(Note, Silence, nil))
		m.restart(in.Now + m.rest(in))
		return acts
	case Bound:
		m.began, m.asked, m.xid, m.said = in.Now, in.Now, uint32(in.Rand), 0
	}
	return m.renew(in, acts)
}

// discover begins an exchange. An acquisition that takes several of them
// began with the first.
func (m *Machine) discover(in Input, acts []Action) []Action {
	m.state, m.sent, m.said, m.xid = Selecting, 0, 0, uint32(in.Rand)
	m.began = min(m.began, in.Now)
	return m.transmit(in, acts)
}

// transmit sends DISCOVER or REQUEST and arms its repetition (section 4.1).
func (m *Machine) transmit(in Input, acts []Action) []Action {
	m.next = in.Now + firstWait<<m.sent - spread + resync.Uniform(in.Rand, 2*spread)
	m.sent++
	msg := Message{Type: Request, Broadcast: true, XID: m.xid, Secs: m.secs}
	if m.state == Selecting {
		m.secs = m.seconds(in.Now)
		msg.Type, msg.Secs = Discover, m.secs
	} else {
		msg.Requested, msg.Server = netip.AddrFrom4(m.addr), netip.AddrFrom4(m.server)
	}
	return append(acts, m.send(msg))
}

// renew asks the server of the lease for more time, and from T2 on any server,
// again after half of the time that is left for that (section 4.4.5).
func (m *Machine) renew(in Input, acts []Action) []Action {
	msg := Message{Type: Request, XID: m.xid, Secs: m.seconds(in.Now), Addr: netip.AddrFrom4(m.addr)}
	end := m.rebind
	m.state, msg.To = Renewing, netip.AddrFrom4(m.server)
	if in.Now >= m.rebind {
		end = m.expiry
		m.state, msg.To = Rebinding, netip.Addr{}
	}
	m.next = min(end, in.Now+max((end-in.Now)/2, shortestRenew))
	return append(acts, m.send(msg))
}

// receive takes the answer that the state waits for, and drops all others.
func (m *Machine) receive(in Input, acts []Action) []Action {
	r := in.Reply
	asks := m.state != Off && m.state != Init && m.state != Bound
	chosen := m.state == Rebinding || r.Server.Is4() && r.Server.As4() == m.server
	switch {
	case !asks || r.XID != m.xid || r.MAC != m.mac:
		return m.drop(Late, in, acts)
	case m.state == Selecting && r.Type == Offer:
		return m.choose(in, acts)
	case m.state == Selecting:
		return m.drop(Late, in, acts)
	case !chosen:
		return m.drop(Rival, in, acts)
	case r.Type == Ack:
		return m.bind(in, acts)
	case r.Type == Nak:
		return m.refused(in, acts)
	}
	return m.drop(Late, in, acts) // the same OFFER again
}

// choose takes the first good OFFER. Section 4.4.1 lets a client collect
// offers and choose among them; phones don't.
func (m *Machine) choose(in Input, acts []Action) []Action {
	if !in.Reply.complete() {
		return m.drop(Incomplete, in, acts)
	}
	m.addr, m.server = in.Reply.Lease.Addr.As4(), in.Reply.Server.As4()
	m.state, m.sent, m.asked = Requesting, 0, in.Now
	return m.transmit(in, acts)
}

// bind takes a lease into use. Its address is the one of the ACK, should the
// OFFER have named another.
func (m *Machine) bind(in Input, acts []Action) []Action {
	lease := &in.Reply.Lease
	if !in.Reply.complete() {
		return m.drop(Incomplete, in, acts)
	}
	renew, rebind, expiry := lease.times(m.asked, in.Now)
	if expiry-in.Now < shortestLease {
		return m.drop(Late, in, acts)
	}
	m.addr, m.server = lease.Addr.As4(), in.Reply.Server.As4()
	use := m.action(Use, NoReason, in.Reply)
	m.state, m.next, m.rebind, m.expiry = Bound, renew, rebind, expiry
	return append(acts, use)
}

// refused begins again. Section 3.1 names no pause after a NAK, so it is the one
// that section 4.4.1 puts before every DISCOVER: a server that says no to each
// REQUEST is not asked without a rest.
func (m *Machine) refused(in Input, acts []Action) []Action {
	if m.state.Leased() {
		return m.lose(Refused, in.Now+m.rest(in), in.Reply, acts)
	}
	acts = append(acts, m.action(Note, Refused, in.Reply))
	m.restart(in.Now + m.rest(in))
	return acts
}

// decline tells the server that its address is in use (section 3.1).
func (m *Machine) decline(in Input, acts []Action) []Action {
	if !m.state.Leased() {
		return acts
	}
	addr, server := netip.AddrFrom4(m.addr), netip.AddrFrom4(m.server)
	acts = append(acts, m.send(Message{Type: Decline, XID: uint32(in.Rand), Requested: addr, Server: server}))
	return m.lose(Conflicted, in.Now+conflictRest, nil, acts)
}

// release gives the lease back, if there is one, and ends (section 4.4.6).
func (m *Machine) release(in Input, acts []Action) []Action {
	if m.state.Leased() {
		addr, server := netip.AddrFrom4(m.addr), netip.AddrFrom4(m.server)
		acts = append(acts, m.send(Message{Type: Release, XID: uint32(in.Rand), Addr: addr, Server: server, To: server}))
	}
	*m = Machine{}
	return acts
}

// lose gives the address up. What follows is a new acquisition.
func (m *Machine) lose(why Why, until time.Duration, r *Reply, acts []Action) []Action {
	acts = append(acts, m.action(Lose, why, r))
	m.restart(until)
	m.began = Never
	return acts
}

// restart goes back to INIT until an instant.
func (m *Machine) restart(until time.Duration) {
	*m = Machine{mac: m.mac, state: Init, began: m.began, next: until}
}

// rest returns how long a client waits before it begins anew. Section 4.4.1
// asks for 1 to 10 s to keep clients that were started together apart.
func (m *Machine) rest(in Input) time.Duration {
	return shortestRest + resync.Uniform(in.Rand, longestRest-shortestRest)
}

// drop says that a reply was not used. Each reason is noted once in an
// exchange, and lateness, which every retransmission brings about, never.
func (m *Machine) drop(why Why, in Input, acts []Action) []Action {
	do, bit := Drop, uint8(1)<<why
	if why != Late && m.said&bit == 0 {
		m.said |= bit
		do = Note
	}
	return append(acts, m.action(do, why, in.Reply))
}

func (m *Machine) send(msg Message) Action {
	a := m.action(Send, NoReason, nil)
	a.Message = msg
	return a
}

// action returns an action with the state of the moment.
func (m *Machine) action(do Do, why Why, r *Reply) Action {
	a := Action{Do: do, Why: why, State: m.state, Reply: r, Began: m.began}
	if m.state >= Requesting {
		a.Server, a.Addr = netip.AddrFrom4(m.server), netip.AddrFrom4(m.addr)
	}
	return a
}

// seconds returns the value of the field secs.
func (m *Machine) seconds(now time.Duration) uint16 {
	return uint16(min((now-m.began)/time.Second, 1<<16-1))
}
