// Package wire is what an IP Office control unit and its Manager say to each other:
// frames and messages over TCP, and the names of the files that say who a unit is.
//
// The frame and the messages to test a connection, to read a file and to log in to
// DevLink3 are those of the DevLink3 reference. The lab link, which is all messages
// whose number begins with 00F0, and the use of these frames on the ports 50802, 50804,
// 50808 and 50812 are this project's own: a genuine Manager speaks another protocol
// there, which is not public.
package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync"
)

// MaxFrame is the most bytes that a frame can have, its header included (IPO-LNK-6).
const MaxFrame = 1<<22 - 1

const (
	magic     = 0x49
	shortMost = 0x7fff // bytes of a frame with a header of three bytes
)

// ErrFrame is the error of bytes that are no frame.
var ErrFrame = errors.New("found no frame: want 49 (hex), a length and a message")

// AppendFrame appends the frame of a payload to dst (IPO-DL-1). A payload that is too
// large for a frame is an error.
func AppendFrame(dst, payload []byte) ([]byte, error) {
	n := len(payload) + 3
	if n <= shortMost {
		dst = append(dst, magic, byte(n>>8), byte(n))
		return append(dst, payload...), nil
	}
	if n++; n > MaxFrame {
		return dst, fmt.Errorf("a frame of %d bytes, want at most %d", n, MaxFrame)
	}
	dst = append(dst, magic, byte(n>>15)|0x80, byte(n>>8)&0x7f, byte(n))
	return append(dst, payload...), nil
}

// ReadFrame reads the payload of one frame. The error is that of the reader, or
// [ErrFrame]. A payload grows with what arrives, not with what its header promises.
func ReadFrame(r *bufio.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:1]); err != nil {
		return nil, err
	}
	if head[0] != magic {
		return nil, ErrFrame
	}
	if _, err := io.ReadFull(r, head[1:3]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(head[1:3])) - 3
	if head[1]&0x80 != 0 {
		if _, err := io.ReadFull(r, head[3:]); err != nil {
			return nil, err
		}
		n = int(head[1]&0x7f)<<15 | int(head[2]&0x7f)<<8 | int(head[3])
		if n -= 4; head[2]&0x80 != 0 || n+3 <= shortMost {
			return nil, ErrFrame
		}
	}
	if n < 8 { // a type and a request's number
		return nil, ErrFrame
	}
	payload, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && len(payload) < n {
		err = io.ErrUnexpectedEOF
	}
	return payload, err
}

// Type is the number of a message. That of an answer has the highest bit.
type Type uint32

// The messages.
const (
	Test    Type = 0x002A0001 // IPO-DL-2
	DevLink Type = 0x00300001 // IPO-DL-3: both steps of its login
	Events  Type = 0x00300011 // IPO-DL-5
	Read    Type = 0x00300041 // IPO-DL-4
	Hello   Type = 0x00F00001 // IPO-LNK-3: the first step of the lab link's login
	Proof   Type = 0x00F00002 // the second one
	Write   Type = 0x00F00011 // IPO-LNK-4
	Command Type = 0x00F00021
)

// Answer is the bit of an answer's type (IPO-LNK-1).
const Answer Type = 0x80000000

// Result is how a request went (IPO-LNK-5).
type Result uint32

// The results. Challenge is that of a login's first step.
const (
	OK          Result = 0
	Challenge   Result = 2
	TooLong     Result = 0x80000001
	NotLoggedIn Result = 0x80000003
	Denied      Result = 0x80000041
	TooMany     Result = 0x80000042
	Locked      Result = 0x80000043
	NotFound    Result = 0x80000061
	Refused     Result = 0x80000071
)

// whoIs are the names of the file that says who a unit is (IPO-TFTP-6).
var whoIs = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^nasystem/who_?is[a-z0-9_]*$`)
})

// IsWhoIs reports whether a file's name asks who a unit is.
func IsWhoIs(name string) bool { return len(name) < 64 && whoIs().MatchString(name) }
