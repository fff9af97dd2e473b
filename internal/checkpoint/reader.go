package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// reader takes numbers and texts off a body. After its first error it returns
// zeros.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// number returns a number up to a limit.
func (r *reader) number(limit uint64, what string) uint64 {
	n, size := binary.Uvarint(r.rest)
	switch {
	case r.err != nil:
		return 0
	case size <= 0:
		r.fail("found no %s, want a number", what)
		return 0
	case n > limit:
		r.fail("found %s %d, want at most %d", what, n, limit)
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// length returns how many things follow that take a byte or more each.
func (r *reader) length(what string) int {
	return int(r.number(uint64(len(r.rest)), "number of "+what))
}

func (r *reader) bytes(what string) []byte {
	n := r.length("bytes of " + what)
	if r.err == nil && n > len(r.rest) {
		r.fail("found %d bytes of %s, want %d", len(r.rest), what, n)
	}
	if r.err != nil {
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte(limit byte, what string) byte {
	switch {
	case r.err != nil:
	case len(r.rest) == 0:
		r.fail("found no %s, want a byte", what)
	case r.rest[0] > limit:
		r.fail("found %s %d, want at most %d", what, r.rest[0], limit)
	default:
		b := r.rest[0]
		r.rest = r.rest[1:]
		return b
	}
	return 0
}

func (r *reader) instant(what string) time.Duration {
	return time.Duration(r.number(math.MaxInt64, what))
}

func (r *reader) count(what string) uint32 { return uint32(r.number(math.MaxUint32, what)) }

func (r *reader) wallTime() time.Time {
	n, size := binary.Varint(r.rest)
	if r.err != nil || size <= 0 {
		r.fail("found no time of the last success, want one")
		return time.Time{}
	}
	r.rest = r.rest[size:]
	return time.Unix(0, n)
}

// text returns one of the texts.
func (r *reader) text(c *Checkpoint, what string) int {
	n := r.number(uint64(max(1, len(c.texts))-1), what)
	if r.err == nil && len(c.texts) == 0 {
		r.fail("found no texts, want a %s", what)
	}
	return int(n)
}

// lease reads an address and what it comes with.
func (r *reader) lease(c *Checkpoint) device.Lease {
	raw := r.bytes("address")
	addr, ok := netip.AddrFromSlice(raw)
	if r.err == nil && !ok && len(raw) > 0 {
		r.fail("found an address of %d bytes, want 4 or 16", len(raw))
	}
	return device.Lease{Addr: addr, Offer: c.offer(r)}
}

// machine reads a resync machine, which has its length before it.
func (r *reader) machine() (m resync.Machine) {
	b := r.bytes("machine")
	if r.err == nil {
		r.err = m.UnmarshalBinary(b)
	}
	return m
}

// config makes one of the texts a configuration.
func config(text string) (profile.Config, error) {
	var c profile.Config
	err := c.UnmarshalText([]byte(text))
	return c, err
}
