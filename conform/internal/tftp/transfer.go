package tftp

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"provsim/internal/fetch/tftp"
)

// begin accepts what a request was answered with: an OACK is acknowledged, DATA
// 1 is kept for take.
func (x *exchange) begin(first tftp.Packet) error {
	switch {
	case first.Op == tftp.OpOptionAck:
		return x.ack(0)
	case first.Op == tftp.OpData && first.Block == 1:
		first.Data = bytes.Clone(first.Data)
		x.held = &first
		return nil
	}
	return not("DATA 1 or OACK", "%s", first)
}

// ack acknowledges the blocks up to one.
func (x *exchange) ack(block uint16) error {
	return x.reply(tftp.Packet{Op: tftp.OpAck, Block: block})
}

func (x *exchange) reply(p tftp.Packet) error { return x.SendTo(x.peer, p.Append(nil)) }

// abort tells the server to stop, unless the transfer has ended.
func (x *exchange) abort() {
	if x.peer.IsValid() && !x.over {
		x.over = true
		x.reply(tftp.Packet{Op: tftp.OpError, Message: "enough"}) // it does no harm if this gets lost
	}
}

// data returns the given block, which nothing was sent for since the one before
// was acknowledged. Repetitions of earlier blocks are passed over, and the last
// of them is acknowledged again: the server may not have heard.
func (x *exchange) data(block int) ([]byte, error) {
	want := fmt.Sprintf("DATA %d", uint16(block))
	if p := x.held; p != nil {
		x.held = nil
		return p.Data, nil
	}
	gap := false // told of
	// The packet, or its acknowledgement, may be lost once.
	for end := time.Now().Add(3 * x.p.Patience); ; {
		got, err := x.next(time.Until(end))
		if errors.Is(err, errMalformed) {
			continue // as if it were lost
		}
		switch behind := uint16(block) - got.Block; {
		case err == nil && got.Op == tftp.OpOptionAck && block == 1:
			if err := x.ack(0); err != nil {
				return nil, err
			}
		case err != nil || got.Op != tftp.OpData:
			return nil, came(want, got, err)
		case len(got.Data) > x.block:
			return nil, not(fmt.Sprintf("%s of at most %d bytes", want, x.block), "%s", got)
		case behind == 0:
			return got.Data, nil
		case behind > 1<<15 && x.window == 1:
			return nil, not(want, "%s", got)
		case behind > 1<<15 && !gap: // one of a window is lost (RFC 7440 section 4)
			gap = true
			if err := x.ack(uint16(block - 1)); err != nil {
				return nil, err
			}
		case behind == 1 && !gap:
			if err := x.ack(got.Block); err != nil {
				return nil, err
			}
		}
	}
}

// take reads up to the given number of further blocks and acknowledges each, or
// each window. Done says that the last block was among them.
func (x *exchange) take(blocks int) (body []byte, done bool, err error) {
	for range blocks {
		got, err := x.data(x.taken + 1)
		if err != nil {
			return body, false, err
		}
		x.taken++
		body = append(body, got...)
		x.over = len(got) < x.block
		if x.over || x.taken%x.window == 0 {
			if err := x.ack(uint16(x.taken)); err != nil {
				return body, false, err
			}
		}
		if x.over {
			return body, true, nil
		}
	}
	return body, false, nil
}
