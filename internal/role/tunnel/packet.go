package tunnel

import (
	"encoding/binary"
	"net/netip"
)

// The bounds of what a tunnel carries (WT-COD-1, WT-LIM-1, WT-LIM-2).
const (
	MaxMessage = 65535 // bytes of a message
	DefaultMTU = 1280
	Queue      = 256 // packets that wait for one tunnel
)

// Packet is what the head of an IPv4 packet says.
type Packet struct {
	Source, Target netip.Addr
	Whole          int  // bytes by its length field
	Fixed          bool // it must not be fragmented
}

// headOf reads the head of an IPv4 packet. It is false where the bytes do not
// begin with one whose checksum is right.
func headOf(b []byte) (Packet, bool) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return Packet{}, false
	}
	head := int(b[0]&15) * 4
	p := Packet{Whole: int(binary.BigEndian.Uint16(b[2:])), Fixed: b[6]&0x40 != 0}
	if head < 20 || head > len(b) || p.Whole < head || checksum(b[:head]) != 0 {
		return Packet{}, false
	}
	p.Source, p.Target = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	return p, true
}

// ParsePacket reads the head of a message that is one IPv4 packet.
func ParsePacket(b []byte) (Packet, bool) {
	p, ok := headOf(b)
	return p, ok && p.Whole == len(b)
}

// checksum is that of RFC 1071; over bytes that hold their own it is 0.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// TooLarge answers a packet above the MTU by ICMP type 3 code 4 from an address
// (WT-LIM-1, RFC 1191 section 4).
func TooLarge(packet []byte, from netip.Addr, mtu int) []byte {
	head := int(packet[0]&15) * 4
	quoted := packet[:min(len(packet), head+8)]
	b := make([]byte, 28, 28+len(quoted))
	b[0], b[8], b[9] = 0x45, 64, 1
	source := from.As4()
	copy(b[12:], source[:])
	copy(b[16:20], packet[12:16])
	b[20], b[21] = 3, 4
	binary.BigEndian.PutUint16(b[26:], uint16(mtu))
	return finished(append(b, quoted...))
}

// Echo is an ICMP echo request (RFC 792) with IP id 1, as of the command ping.
func Echo(from, to netip.Addr, id, seq uint16, data []byte) []byte {
	b := make([]byte, 28, 28+len(data))
	b[0], b[5], b[8], b[9], b[20] = 0x45, 1, 64, 1, 8
	source, target := from.As4(), to.As4()
	copy(b[12:], source[:])
	copy(b[16:], target[:])
	binary.BigEndian.PutUint16(b[24:], id)
	binary.BigEndian.PutUint16(b[26:], seq)
	return finished(append(b, data...))
}

// finished puts the length and the checksums into an ICMP message without them.
func finished(b []byte) []byte {
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	binary.BigEndian.PutUint16(b[10:], checksum(b[:20]))
	binary.BigEndian.PutUint16(b[22:], checksum(b[20:]))
	return b
}
