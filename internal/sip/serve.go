package sip

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"time"
)

// maxDatagram is more than UDP can carry, so nothing is cut off (RFC 3261
// section 18.1.1).
const maxDatagram = 1 << 16

// Handlers are what [Serve] calls, in its own goroutine and after an answer is
// sent. They must not block.
type Handlers struct {
	// Act carries a request out. One that is sent again is answered again and
	// carried out once.
	Act func(Request)
	// Read reads the value of an Event field, and reports false for an event that the
	// phone does not know; nil: the events of FV-EXT-1 are known. The zero Request is
	// one that the phone's settings forbid.
	Read func(event string) (Request, bool)
	// From says who a NOTIFY to a user of the phone must come from; a nil account is
	// anybody. It reports false where the phone takes none. Nil: anybody may send one.
	From func(user string) (account *Account, takes bool)
	// Refused takes a note for the journal about a request that was refused or not
	// answered, one in ten seconds at most; nil: no notes. A note holds no bytes of
	// the sender's but the names of a method and an event.
	Refused func(note string)
}

// Serve answers what arrives on conn.
//
// Serve returns when the context ends, with an error that wraps the context's, or
// when conn cannot be read any more. It closes conn, whose addresses must be of
// type [*net.UDPAddr]. The memory in use has a fixed bound.
func Serve(ctx context.Context, conn net.PacketConn, h Handlers) error {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	a := newAgent()
	if a.from = h.From; h.Read != nil {
		a.read = h.Read
	}
	buf := make([]byte, maxDatagram)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return fmt.Errorf("sip on %s: %w", conn.LocalAddr(), cmp.Or(ctx.Err(), err))
		}
		peer, ok := from.(*net.UDPAddr)
		if !ok {
			return fmt.Errorf("sip on %s: want UDP addresses, found a %T", conn.LocalAddr(), from)
		}
		r := a.take(buf[:n], peer.AddrPort(), time.Now())
		if r.answer != nil {
			// An answer that is lost is asked for again, so why it could not be sent
			// does not matter (RFC 3261 section 17.1.2).
			conn.WriteTo(r.answer, net.UDPAddrFromAddrPort(r.to))
		}
		if r.asked != nothing {
			h.Act(r.asked)
		}
		if r.note != "" && h.Refused != nil {
			h.Refused(r.note)
		}
	}
}
