package sip

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"net/netip"
	"time"
)

// agent is the phone's side of all transactions (RFC 3261 section 8.2). It has
// neither clock nor socket.
type agent struct {
	read func(event string) (Request, bool)
	from func(user string) (account *Account, takes bool) // nil: anybody may send a NOTIFY

	seed  maphash.Seed
	done  recent
	notes notes
}

func newAgent() *agent { return &agent{read: readEvent, seed: maphash.MakeSeed()} }

// A result is the answer to a datagram, and what it asks the phone for.
type result struct {
	answer []byte // nil: none is due
	to     netip.AddrPort
	asked  Request // nothing where it has been asked before
	note   string  // why it was refused; "" where it was not, or a note was made a short time ago
}

// take returns the result of a datagram.
func (a *agent) take(datagram []byte, from netip.AddrPort, now time.Time) (r result) {
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	m, wrong := parse(string(datagram))
	if wrong != "" {
		// Routers and phones keep a way open by a datagram of blanks (RFC 5626).
		if len(bytes.TrimSpace(datagram)) > 0 {
			r.note = a.notes.take(now, fmt.Sprintf("a datagram from %v is not answered: %s", from, wrong))
		}
		return r
	}
	if m.method == "ACK" { // never answered (RFC 3261 section 17)
		return r
	}
	d := a.decide(m, now)
	id := a.transaction(m)
	if d.asked != nothing && a.done.add(id, now) {
		r.asked = d.asked
	}
	if d.refused != "" {
		r.note = a.notes.take(now, fmt.Sprintf("SIP %s from %v is answered %s: %s", word(m.method), from, d.status, d.refused))
	}
	r.answer, r.to = m.answer(d.status, d.fields, from, fmt.Sprintf("%016x", id)), m.via.replyTo(from)
	return r
}

// between is the least time between two notes about refused requests.
const between = 10 * time.Second

// notes limits the rate of notes.
type notes struct {
	next   time.Time
	hidden int
}

// take returns a note, or "" where the latest is not old enough.
func (n *notes) take(now time.Time, note string) string {
	if now.Before(n.next) {
		n.hidden++
		return ""
	}
	if n.hidden > 0 {
		note += fmt.Sprintf("; %d more were refused since the last such note", n.hidden)
	}
	n.next, n.hidden = now.Add(between), 0
	return note
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
