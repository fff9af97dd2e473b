package tunnel

import (
	"encoding/binary"
	"errors"
	"slices"
)

// A Codec puts IPv4 packets into messages, one each. One goroutine at a time uses
// it. Packets and messages that it returns may share memory with what it got.
type Codec interface {
	Name() string
	// Start returns messages to send before any packet.
	Start() [][]byte
	// Encode returns the message of a packet, or nil where it has none.
	Encode(packet []byte) (message []byte)
	// Decode returns the packet of a message, or the message that answers it, or
	// neither of them.
	Decode(message []byte) (packet, reply []byte, err error)
}

// Errors of Decode. A tunnel counts and records such a message and goes on.
var (
	ErrUnknown = errors.New("the message is of no codec that is known")
	ErrBroken  = errors.New("the message is no packet of this codec")
	ErrIPv6    = errors.New("the packet is IPv6, and the tunnel carries IPv4")
)

// The codecs (WT-COD-2, WT-COD-3).
const (
	IP    = "ip"
	Eth   = "eth"
	PPP   = "ppp"
	Len16 = "len16"
	Auto  = "auto"
)

// CodecNames are those that both ends know. Auto is the server's alone.
var CodecNames = []string{IP, Eth, PPP, Len16}

// NewCodec returns a codec of an end with a hardware address, whose peer has
// another. It is nil for an unknown name.
func NewCodec(name string, own, peer [6]byte) Codec {
	switch name {
	case IP:
		return ipCodec{}
	case Len16:
		return len16Codec{}
	case PPP:
		return pppCodec{}
	case Eth:
		return &ethCodec{own: own, peer: peer}
	case Auto:
		return &autoCodec{own: own, peer: peer}
	}
	return nil
}

// onePacket returns a message that is a packet and no more.
func onePacket(b []byte) ([]byte, error) {
	if len(b) > 0 && b[0]>>4 == 6 {
		return nil, ErrIPv6
	}
	if _, ok := ParsePacket(b); !ok {
		return nil, ErrBroken
	}
	return b, nil
}

// ipCodec: a message is a packet.
type ipCodec struct{}

func (ipCodec) Name() string                { return IP }
func (ipCodec) Start() [][]byte             { return nil }
func (ipCodec) Encode(packet []byte) []byte { return packet }
func (ipCodec) Decode(message []byte) (packet, reply []byte, err error) {
	packet, err = onePacket(message)
	return packet, nil, err
}

// len16Codec: the packet's length goes before it.
type len16Codec struct{}

func (len16Codec) Name() string    { return Len16 }
func (len16Codec) Start() [][]byte { return nil }
func (len16Codec) Encode(packet []byte) []byte {
	return append(binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(packet)), uint16(len(packet))), packet...)
}

func (len16Codec) Decode(message []byte) (packet, reply []byte, err error) {
	if len(message) < 2 || int(binary.BigEndian.Uint16(message)) != len(message)-2 {
		return nil, nil, ErrBroken
	}
	packet, err = onePacket(message[2:])
	return packet, nil, err
}

// ethCodec: Ethernet II frames without FCS. ARP requests are answered.
type ethCodec struct{ own, peer [6]byte }

const ethHead, arpLength = 14, 28

func (*ethCodec) Name() string    { return Eth }
func (*ethCodec) Start() [][]byte { return nil }
func (c *ethCodec) Encode(packet []byte) []byte {
	return append(c.head(0x0800, len(packet)), packet...)
}

func (c *ethCodec) head(kind uint16, more int) []byte {
	frame := make([]byte, 0, ethHead+more)
	frame = append(append(frame, c.peer[:]...), c.own[:]...)
	return binary.BigEndian.AppendUint16(frame, kind)
}

func (c *ethCodec) Decode(message []byte) (packet, reply []byte, err error) {
	if len(message) < ethHead {
		return nil, nil, ErrBroken
	}
	body := message[ethHead:]
	switch binary.BigEndian.Uint16(message[12:]) {
	case 0x0800:
		p, ok := headOf(body) // short frames are padded
		if !ok || p.Whole > len(body) {
			return nil, nil, ErrBroken
		}
		c.peer = [6]byte(message[6:12])
		return body[:p.Whole], nil, nil
	case 0x86dd:
		return nil, nil, ErrIPv6
	case 0x0806:
		return nil, c.answer(body), nil
	}
	return nil, nil, ErrBroken
}

// answer returns the reply to an ARP request, whatever address it asks for: there
// are two on this link. One for the asker's own address asks nothing (RFC 826,
// RFC 5227).
func (c *ethCodec) answer(arp []byte) []byte {
	request := []byte{0, 1, 8, 0, 6, 4, 0, 1}
	if len(arp) < arpLength || !slices.Equal(arp[:8], request) || slices.Equal(arp[14:18], arp[24:28]) {
		return nil
	}
	c.peer = [6]byte(arp[8:14])
	frame := append(c.head(0x0806, arpLength), 0, 1, 8, 0, 6, 4, 0, 2)
	frame = append(append(frame, c.own[:]...), arp[24:28]...)
	return append(frame, arp[8:18]...)
}

// pppCodec: PPP frames as of RFC 1662 without flags and FCS.
type pppCodec struct{}

const (
	pppIP   = 0x0021
	pppIPCP = 0x8021
	pppLCP  = 0xc021
)

func (pppCodec) Name() string { return PPP }

// Start asks for a link and for IP on it, without options.
func (pppCodec) Start() [][]byte {
	ask := []byte{1, 1, 0, 4}
	return [][]byte{append(pppHead(pppLCP, 4), ask...), append(pppHead(pppIPCP, 4), ask...)}
}

func pppHead(protocol uint16, more int) []byte {
	frame := append(make([]byte, 0, 4+more), 0xff, 0x03)
	return binary.BigEndian.AppendUint16(frame, protocol)
}

func (pppCodec) Encode(packet []byte) []byte {
	return append(pppHead(pppIP, len(packet)), packet...)
}

func (pppCodec) Decode(message []byte) (packet, reply []byte, err error) {
	body := message
	if len(body) > 1 && body[0] == 0xff && body[1] == 0x03 {
		body = body[2:]
	}
	if len(body) < 2 {
		return nil, nil, ErrBroken
	}
	protocol := binary.BigEndian.Uint16(body)
	body = body[2:]
	switch protocol {
	case pppIP:
		packet, err = onePacket(body)
		return packet, nil, err
	case pppLCP, pppIPCP:
		if len(body) < 4 || int(binary.BigEndian.Uint16(body[2:])) != len(body) {
			return nil, nil, ErrBroken
		}
		const request, ack = 1, 2
		if body[0] != request {
			return nil, nil, nil
		}
		reply = append(pppHead(protocol, len(body)), body...)
		reply[4] = ack
		return nil, reply, nil
	}
	return nil, nil, ErrBroken
}

// autoCodec takes the codec of the first message that it knows. Before that it
// has no message for a packet.
type autoCodec struct {
	Codec
	own, peer [6]byte
}

func (c *autoCodec) Name() string {
	if c.Codec == nil {
		return Auto
	}
	return c.Codec.Name()
}

func (*autoCodec) Start() [][]byte { return nil }

func (c *autoCodec) Encode(packet []byte) []byte {
	if c.Codec == nil {
		return nil
	}
	return c.Codec.Encode(packet)
}

func (c *autoCodec) Decode(message []byte) (packet, reply []byte, err error) {
	if c.Codec == nil {
		name := detect(message)
		if name == "" {
			return nil, nil, ErrUnknown
		}
		c.Codec = NewCodec(name, c.own, c.peer)
	}
	return c.Codec.Decode(message)
}

// detect names the codec of a first message, or nothing (WT-COD-3).
func detect(m []byte) string {
	at := func(i int) uint16 { return binary.BigEndian.Uint16(m[i:]) }
	switch {
	case len(m) < 4:
		return ""
	case int(at(0)) == len(m)-2 && m[2] >= 0x45 && m[2] <= 0x4f:
		return Len16
	case isPacket(m):
		return IP
	case len(m) >= 34 && at(12) == 0x0800, len(m) >= ethHead+arpLength && at(12) == 0x0806:
		return Eth
	case slices.Contains([]uint16{0xff03, pppLCP, pppIPCP, pppIP}, at(0)):
		return PPP
	}
	return ""
}

func isPacket(m []byte) bool {
	_, ok := ParsePacket(m)
	return ok
}
