package dhcp

import (
	"fmt"
	"net/netip"
	"time"
)

// State is a state of RFC 2131 figure 5.
type State uint8

// The states of a client.
const (
	Off        State = iota // without power
	Init                    // without an address; waits before it asks again
	Selecting               // has sent DISCOVER
	Requesting              // has chosen an OFFER and sent REQUEST
	Bound                   // has a lease
	Renewing                // asks the server of the lease for more time
	Rebinding               // asks any server for more time
)

var stateWords = [...]string{
	Off: "off", Init: "init", Selecting: "selecting", Requesting: "requesting",
	Bound: "bound", Renewing: "renewing", Rebinding: "rebinding",
}

// String returns the name that RFC 2131 gives the state.
func (s State) String() string {
	if int(s) < len(stateWords) {
		return stateWords[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// Leased reports whether a client in the state may use an address.
func (s State) Leased() bool { return s >= Bound }

// Status is what a client does or waits for, for people to look at.
type Status struct {
	State   State
	Addr    netip.Addr    // leased; the zero Addr without a lease
	Server  netip.Addr    // of the lease or of the chosen offer
	Next    time.Duration // when the client acts by itself, or Never
	Expires time.Duration // when the lease ends, or Never
}

// Status returns what the client does or waits for.
func (m *Machine) Status() Status {
	s := Status{State: m.state, Next: m.Deadline(), Expires: Never}
	if m.state >= Requesting {
		s.Server = netip.AddrFrom4(m.server)
	}
	if m.state.Leased() {
		s.Addr, s.Expires = netip.AddrFrom4(m.addr), m.expiry
	}
	return s
}
