package tftp

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"time"

	"provsim/resync"
)

// write prepares the transfer for a write of what body returns; nil: an empty file.
// It goes in lock-step, as a small device does.
func (t *Transfer) write(body func() []byte) {
	t.writes, t.options.WindowSize = true, 0
	if body != nil {
		t.body = body()
	}
}

// receiveWrite takes a packet of the server during a write: an acknowledgement, or
// the OACK that stands for that of block 0.
func (t *Transfer) receiveWrite(now time.Duration, from netip.AddrPort, p Packet) []byte {
	switch {
	case !t.bound && (p.Op == OpOptionAck || p.Op == OpAck && p.Block == 0):
		if p.Op == OpOptionAck {
			if refusal := t.agreeTo(p); refusal != nil {
				return refusal
			}
			if size := int64(len(t.body)); t.size >= 0 && t.size != size {
				return t.fail(resync.Refused, CodeOptions, fmt.Errorf("OACK for a file of %d bytes, want %d", t.size, size))
			}
		}
		t.bind(from, p)
		return t.block(now)
	case !t.bound:
		t.ignore(p.String())
		return turnAway(p)
	case p.Op == OpAck && p.Block == uint16(t.blocks+1):
		t.blocks++
		if t.blocks > int64(len(t.body)/t.blockSize) { // the final block was shorter (RFC 1350 section 6)
			t.finish(resync.None, "")
			return nil
		}
		return t.block(now)
	case p.Op == OpAck || p.Op == OpOptionAck:
		// A repeated acknowledgement is not answered, or every further block would go
		// twice: the sorcerer's apprentice (RFC 1123 section 4.2.3.1).
		return nil
	}
	return t.ignore(p.String())
}

// block returns the next DATA packet.
func (t *Transfer) block(now time.Duration) []byte {
	t.progress(now)
	begin := min(t.blocks*int64(t.blockSize), math.MaxInt64)
	end := min(begin+int64(t.blockSize), int64(len(t.body)))
	t.sent = binary.BigEndian.AppendUint16(t.sent[:0], uint16(OpData))
	t.sent = binary.BigEndian.AppendUint16(t.sent, uint16(t.blocks+1))
	t.sent = append(t.sent, t.body[begin:end]...)
	return t.sent
}
