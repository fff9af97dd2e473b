package sip

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"time"
)

// agent is the phone's side of all transactions (RFC 3261 section 8.2). It has
// neither clock nor socket.
type agent struct {
	seed maphash.Seed
	done recent
}

func newAgent() *agent { return &agent{seed: maphash.MakeSeed()} }

// take returns the answer to a datagram and where to send it, or nil where none
// is due. What the datagram asks for is nothing where it has been asked before.
func (a *agent) take(datagram []byte, from netip.AddrPort, now time.Time) (answer []byte, to netip.AddrPort, asked Request) {
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	m, ok := parse(string(datagram))
	if !ok || m.method == "ACK" { // an ACK is never answered (RFC 3261 section 17)
		return nil, netip.AddrPort{}, nothing
	}
	status, fields, asked := m.verdict()
	id := a.transaction(m)
	if asked != nothing && !a.done.add(id, now) {
		asked = nothing
	}
	return m.answer(status, fields, from, fmt.Sprintf("%016x", id)), m.via.replyTo(from), asked
}

// transaction returns a number that a retransmission shares and other requests
// do not (RFC 3261 section 17.2.3). It is also the tag of the answer, because
// that has to be the same each time (section 8.2.7) and hard to guess (section
// 19.3). The Call-ID is for senders whose branches are not unique.
func (a *agent) transaction(m *message) uint64 {
	branch, _ := param(m.via.params, "branch")
	return maphash.Comparable(a.seed, [...]string{m.via.sender, branch, m.callID, m.cseq})
}

// lifetime is how long a request may be sent again over UDP: 64 times T1, Timer
// J of RFC 3261 section 17.2.2. A later one is new, whatever its branch.
const lifetime = 32 * time.Second

// recent remembers the latest transactions that had an effect. Where more come
// than there is room, the oldest is forgotten.
type recent struct {
	entries [256]struct {
		id   uint64
		ends time.Time
	}
	next uint8 // wraps around at the number of entries
}

// add remembers a transaction, or reports false where it is remembered already.
func (r *recent) add(id uint64, now time.Time) bool {
	for _, e := range &r.entries {
		if e.id == id && now.Before(e.ends) {
			return false
		}
	}
	r.entries[r.next].id, r.entries[r.next].ends = id, now.Add(lifetime)
	r.next++
	return true
}
