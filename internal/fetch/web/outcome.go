package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"syscall"

	"provsim/resync"
)

// The phases that outcomes depend on; the others only appear in notes.
const (
	connecting  = "connecting to "
	handshaking = "TLS handshake"
)

// A failure is an outcome on its way to the reply, for what only this package
// finds out.
type failure struct {
	outcome resync.Outcome
	note    string
}

func (f *failure) Error() string { return f.note }

func fail(outcome resync.Outcome, format string, args ...any) error {
	return &failure{outcome, fmt.Sprintf(format, args...)}
}

// explain is the one way from an error to the outcome and the note of a reply
// (FV-OUT-1).
func (t *transfer) explain(err error) (resync.Outcome, string) {
	outcome, note := t.classify(err)
	if route := t.route(); route != "" {
		note += "; " + route
	}
	return outcome, printable(note)
}

func (t *transfer) classify(err error) (resync.Outcome, string) {
	var own *failure
	var dns *net.DNSError
	switch {
	case errors.As(err, &own):
		return own.outcome, own.note
	case errors.As(err, &dns) && !errors.Is(err, context.Canceled):
		return resync.DNS, dns.Error()
	}
	if outcome, note := t.classifyTLS(err); outcome != resync.None {
		return outcome, note
	}
	note := t.phase + ": " + reason(err) + t.progress()
	switch {
	case isTimeout(err):
		return resync.Timeout, note
	case errors.Is(err, syscall.ECONNREFUSED):
		return resync.Refused, note
	case strings.HasPrefix(t.phase, connecting):
		// No route, no such network, a firewall of this machine (EPERM), a
		// source address that it does not have.
		return resync.Unreachable, note
	case t.phase == handshaking:
		return resync.TLS, note
	}
	// A connection that ended before the file did, even before the first byte
	// of the answer.
	return resync.Truncated, note
}

// isTimeout reports whether time ran out or the caller gave up.
func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.Canceled) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// reason says why a connection ended, without the addresses that the net
// package adds: they differ from one time to the next.
func reason(err error) string {
	var number syscall.Errno
	var op *net.OpError
	var trailer textproto.ProtocolError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed"
	case errors.As(err, &number):
		return number.Error()
	case isTimeout(err):
		return "no time left"
	case errors.As(err, &op):
		return op.Err.Error()
	case errors.As(err, &trailer): // its text has bytes of the server's
		return "the lines after the last chunk are not NAME: VALUE"
	}
	return err.Error()
}

// progress tells how much of the body came, or "" where none was begun.
func (t *transfer) progress() string {
	switch {
	case t.bytes == 0 && t.total <= 0:
		return ""
	case t.total > 0:
		return fmt.Sprintf(", %d of %d bytes arrived", t.bytes, t.total)
	}
	return fmt.Sprintf(", %d bytes arrived", t.bytes)
}

// printable makes a note fit for a terminal and a journal: some of it is the
// server's own words.
func printable(note string) string {
	const most = 400
	if len(note) > most {
		note = note[:most] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\uFFFD' {
			return '?'
		}
		return r
	}, note)
}
