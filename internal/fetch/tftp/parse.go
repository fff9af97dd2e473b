package tftp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Parse reads one packet and accepts only what the RFCs allow: an ACK of
// exactly 4 bytes, at most 65464 bytes of data, texts that end in NUL with
// nothing behind the last one, mode octet, no option twice. The packet's Data
// shares the datagram's memory, and parsing DATA allocates nothing.
func Parse(datagram []byte) (Packet, error) {
	if len(datagram) < 2 {
		return Packet{}, fmt.Errorf("packet of %d bytes, want an operation code in the first 2", len(datagram))
	}
	op, rest := Op(binary.BigEndian.Uint16(datagram)), datagram[2:]
	switch op {
	case OpData, OpAck, OpError:
		if len(rest) < 2 {
			return Packet{}, fmt.Errorf("packet with operation %d has %d bytes, want at least %d", op, len(datagram), headerSize)
		}
		return parseNumbered(op, binary.BigEndian.Uint16(rest), rest[2:])
	case OpRead, OpWrite, OpOptionAck:
		if len(datagram) > maxOptionPacket {
			return Packet{}, fmt.Errorf("packet with operation %d has %d bytes, want at most %d", op, len(datagram), maxOptionPacket)
		}
		return parseOptioned(op, rest)
	}
	return Packet{}, fmt.Errorf("packet has operation %d, want 1 to 6", op)
}

// parseNumbered reads what follows the number in the packets that have one.
func parseNumbered(op Op, number uint16, rest []byte) (Packet, error) {
	switch {
	case op == OpData && len(rest) > maxBlockSize:
		return Packet{}, fmt.Errorf("DATA %d has %d bytes, want at most %d", number, len(rest), maxBlockSize)
	case op == OpData:
		return Packet{Op: op, Block: number, Data: rest}, nil
	case op == OpAck && len(rest) > 0:
		return Packet{}, fmt.Errorf("ACK %d has %d bytes, want %d", number, headerSize+len(rest), headerSize)
	case op == OpAck:
		return Packet{Op: op, Block: number}, nil
	}
	message, rest, err := cutText(rest)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes behind the NUL", len(rest))
	}
	if err != nil {
		return Packet{}, fmt.Errorf("message of ERROR %d: %w", number, err)
	}
	return Packet{Op: op, Code: Code(number), Message: message}, nil
}

// parseOptioned reads what follows the operation code of an RRQ, WRQ or OACK.
func parseOptioned(op Op, rest []byte) (p Packet, err error) {
	p.Op = op
	if op == OpRead || op == OpWrite {
		if p.File, rest, err = cutText(rest); err != nil {
			return Packet{}, fmt.Errorf("file name of a request: %w", err)
		}
		var mode string
		if mode, rest, err = cutText(rest); err != nil {
			return Packet{}, fmt.Errorf("mode of a request: %w", err)
		}
		if p.File == "" || !strings.EqualFold(mode, "octet") {
			return Packet{}, fmt.Errorf("request for file %s in mode %s, want a name and octet", printable(p.File), printable(mode))
		}
	}
	for len(rest) > 0 {
		var o Option
		if o.Name, rest, err = cutText(rest); err != nil {
			return Packet{}, fmt.Errorf("name of option %d: %w", len(p.Options)+1, err)
		}
		if o.Value, rest, err = cutText(rest); err != nil {
			return Packet{}, fmt.Errorf("value of option %s: %w", printable(o.Name), err)
		}
		if _, twice := find(p.Options, o.Name); twice || o.Name == "" {
			return Packet{}, fmt.Errorf("option %s, want a name, and each name once", printable(o.Name))
		}
		p.Options = append(p.Options, o)
	}
	return p, nil
}

// find looks an option up by its name.
func find(options []Option, name string) (value string, ok bool) {
	for _, o := range options {
		if strings.EqualFold(o.Name, name) {
			return o.Value, true
		}
	}
	return "", false
}

// cutText takes one NUL-terminated text off the front of b.
func cutText(b []byte) (text string, rest []byte, err error) {
	before, after, found := bytes.Cut(b, []byte{0})
	if !found {
		return "", nil, errors.New("no NUL at its end (RFC 1350 section 5)")
	}
	return string(before), after, nil
}
