package wire

import (
	"bytes"
	"encoding/binary"
)

// Message is a payload under construction: its type, the request's number, and what
// follows. Integers have 4 bytes, the most significant first (IPO-LNK-1).
type Message []byte

// New returns a message of a type. ID is the request's number.
func New(t Type, id uint32) Message {
	m := binary.BigEndian.AppendUint32(nil, uint32(t))
	return binary.BigEndian.AppendUint32(m, id)
}

// Reply returns the answer to a request with a result.
func Reply(t Type, id uint32, r Result) Message { return New(t|Answer, id).Uint32(uint32(r)) }

// Uint32 appends a number.
func (m Message) Uint32(n uint32) Message { return binary.BigEndian.AppendUint32(m, n) }

// Bytes appends bytes as they are.
func (m Message) Bytes(b []byte) Message { return append(m, b...) }

// Text appends a text and a NUL.
func (m Message) Text(s string) Message { return append(append(m, s...), 0) }

// Sized appends the length of a text in 2 bytes, the text and a NUL, which counts.
func (m Message) Sized(s string) Message {
	return Message(binary.BigEndian.AppendUint16(m, uint16(len(s)+1))).Text(s)
}

// Reader takes a payload apart. What is missing reads as zero, and Bad says so then.
type Reader struct {
	Type Type
	ID   uint32
	Bad  bool
	rest []byte
}

// Parse begins to read a payload.
func Parse(payload []byte) *Reader {
	r := &Reader{rest: payload}
	r.Type, r.ID = Type(r.Uint32()), r.Uint32()
	return r
}

// Take returns the next n bytes.
func (r *Reader) Take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.Bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// Uint32 returns the next number.
func (r *Reader) Uint32() uint32 {
	b := r.Take(4)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

// Text returns a text that ends with NUL.
func (r *Reader) Text() string {
	i := bytes.IndexByte(r.rest, 0)
	b := r.Take(i + 1)
	if i < 0 {
		r.Bad = true
		return ""
	}
	return string(b[:i])
}

// Sized returns a text with its length before it.
func (r *Reader) Sized() string {
	head := r.Take(2)
	if head == nil {
		return ""
	}
	b := r.Take(int(binary.BigEndian.Uint16(head)))
	if i := bytes.IndexByte(b, 0); i < 0 || i != len(b)-1 {
		r.Bad = true
		return ""
	}
	return string(b[:len(b)-1])
}

// Rest returns all that is left.
func (r *Reader) Rest() []byte { return r.Take(len(r.rest)) }

// End reports whether the message is whole and nothing is left of it.
func (r *Reader) End() bool { return !r.Bad && len(r.rest) == 0 }
