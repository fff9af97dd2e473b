package tftp

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// The sizes that the protocol fixes, in bytes.
const (
	headerSize       = 4     // of DATA, ACK and ERROR (RFC 1350 section 5)
	defaultBlockSize = 512   // without blksize (RFC 1350 section 2)
	minBlockSize     = 8     // RFC 2348
	maxBlockSize     = 65464 // RFC 2348
	maxOptionPacket  = 512   // of a request (RFC 2347); an OACK, which repeats the request's options, is held to it too
)

// Op says what a packet is: its operation code (RFC 1350 section 5, RFC 2347).
type Op uint16

// The operations.
const (
	OpRead      Op = 1
	OpWrite     Op = 2
	OpData      Op = 3
	OpAck       Op = 4
	OpError     Op = 5
	OpOptionAck Op = 6
)

// Code is the number in an ERROR packet (RFC 1350 appendix, RFC 2347).
type Code uint16

// The codes that this package sends or tells apart.
const (
	CodeUndefined  Code = 0
	CodeNotFound   Code = 1
	CodeAccess     Code = 2
	CodeDiskFull   Code = 3 // also "too large for the client" (RFC 2349)
	CodeUnknownTID Code = 5
	CodeOptions    Code = 8
)

// An Option is one option of a request or an OACK (RFC 2347). Names are
// compared without regard to case.
type Option struct{ Name, Value string }

// A Packet is one TFTP packet. Fields that its operation has no use for are zero.
type Packet struct {
	Op      Op
	Block   uint16   // DATA, ACK: rolls over from 65535 to 0
	Data    []byte   // DATA: shares memory with the datagram that was parsed
	Code    Code     // ERROR
	Message string   // ERROR: the peer's words, any bytes but NUL
	File    string   // RRQ, WRQ
	Options []Option // RRQ, WRQ, OACK
}

// Append appends the packet's wire form to dst. The mode of a request is
// octet. Strings must not contain NUL, and it is for the caller to keep a
// request within 512 bytes.
func (p Packet) Append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(p.Op))
	switch p.Op {
	case OpRead, OpWrite:
		dst = appendText(dst, p.File, "octet")
		dst = appendOptions(dst, p.Options)
	case OpData:
		dst = binary.BigEndian.AppendUint16(dst, p.Block)
		dst = append(dst, p.Data...)
	case OpAck:
		dst = binary.BigEndian.AppendUint16(dst, p.Block)
	case OpError:
		dst = binary.BigEndian.AppendUint16(dst, uint16(p.Code))
		dst = appendText(dst, p.Message)
	case OpOptionAck:
		dst = appendOptions(dst, p.Options)
	}
	return dst
}

func appendOptions(dst []byte, options []Option) []byte {
	for _, o := range options {
		dst = appendText(dst, o.Name, o.Value)
	}
	return dst
}

func appendText(dst []byte, texts ...string) []byte {
	for _, text := range texts {
		dst = append(dst, text...)
		dst = append(dst, 0)
	}
	return dst
}

// String returns the packet on one line of printable ASCII, of DATA only the
// length: "RRQ cpe/x.conf octet blksize=1428", "DATA 1 (512 bytes)", "ACK 1",
// `ERROR 1 "File not found"`.
func (p Packet) String() string {
	var line strings.Builder
	switch p.Op {
	case OpRead:
		fmt.Fprintf(&line, "RRQ %s octet", printable(p.File))
	case OpWrite:
		fmt.Fprintf(&line, "WRQ %s octet", printable(p.File))
	case OpData:
		fmt.Fprintf(&line, "DATA %d (%d bytes)", p.Block, len(p.Data))
	case OpAck:
		fmt.Fprintf(&line, "ACK %d", p.Block)
	case OpError:
		fmt.Fprintf(&line, "ERROR %d %s", p.Code, printable(p.Message))
	case OpOptionAck:
		line.WriteString("OACK")
	default:
		fmt.Fprintf(&line, "operation %d", p.Op)
	}
	for _, o := range p.Options {
		fmt.Fprintf(&line, " %s=%s", printable(o.Name), printable(o.Value))
	}
	return line.String()
}

// printable makes a peer's text fit for a journal: at most 80 of its bytes,
// quoted unless they are one word of printable ASCII.
func printable(text string) string {
	const longest = 80
	cut := text[:min(len(text), longest)]
	for i := range len(cut) {
		if cut[i] <= ' ' || cut[i] >= 0x7f || cut[i] == '"' {
			return strconv.QuoteToASCII(cut)
		}
	}
	if cut == "" {
		return `""`
	}
	return cut
}
