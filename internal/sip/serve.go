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

// Serve answers what arrives on conn and calls act with each request, in the
// same goroutine and after the answer is sent; act must not block. A request
// that is sent again is answered again and acts once.
//
// Serve returns when the context ends, with an error that wraps the context's, or
// when conn cannot be read any more. It closes conn, whose addresses must be of
// type [*net.UDPAddr]. The memory in use has a fixed bound.
func Serve(ctx context.Context, conn net.PacketConn, act func(Request)) error {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	a := newAgent()
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
		answer, to, asked := a.take(buf[:n], peer.AddrPort(), time.Now())
		if answer != nil {
			// An answer that is lost is asked for again, so why it could not be sent
			// does not matter (RFC 3261 section 17.1.2).
			conn.WriteTo(answer, net.UDPAddrFromAddrPort(to))
		}
		if asked != nothing {
			act(asked)
		}
	}
}
