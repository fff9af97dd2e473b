package dhcp

import (
	"encoding/binary"
	"net/netip"

	"provsim/device"
)

// Constants of frames (IEEE 802.3, RFC 791, RFC 768, RFC 826).
const (
	typeIPv4    = 0x0800
	typeARP     = 0x0806
	protocolUDP = 17
	clientPort  = 68

	ethernetSize = 14
	ipSize       = 20 // without IP options
	udpSize      = 8
	arpSize      = 28
	arpRequest   = 1
	arpReply     = 2
)

var (
	everybody = device.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	toAll     = netip.AddrFrom4([4]byte{255, 255, 255, 255})
	fromNone  = netip.IPv4Unspecified()
)

// ethernet begins a frame.
func ethernet(to, from device.MAC, kind uint16, size int) []byte {
	frame := make([]byte, 0, ethernetSize+size)
	frame = append(append(frame, to[:]...), from[:]...)
	return binary.BigEndian.AppendUint16(frame, kind)
}

// datagram returns a frame with a client's packet for a server.
func datagram(hop, client device.MAC, to, from netip.Addr, packet []byte) []byte {
	const lifetime = 64 // RFC 1700
	frame := ethernet(hop, client, typeIPv4, ipSize+udpSize+len(packet))
	header := make([]byte, ipSize, ipSize+udpSize)
	header[0] = 4<<4 | ipSize/4
	binary.BigEndian.PutUint16(header[2:], uint16(ipSize+udpSize+len(packet)))
	header[8], header[9] = lifetime, protocolUDP
	copy(header[12:], from.AsSlice())
	copy(header[16:], to.AsSlice())
	binary.BigEndian.PutUint16(header[10:], ^checksum(0, header))

	udp := binary.BigEndian.AppendUint16(nil, clientPort)
	udp = binary.BigEndian.AppendUint16(udp, serverPort)
	udp = binary.BigEndian.AppendUint16(udp, uint16(udpSize+len(packet)))
	udp = append(udp, 0, 0)
	// The checksum of UDP is over a pseudo header as well: both addresses, the
	// protocol and the length.
	sum := checksum(protocolUDP+uint32(udpSize+len(packet)), header[12:])
	sum = ^checksum(uint32(checksum(uint32(sum), udp)), packet)
	if sum == 0 {
		sum = 0xffff // 0 would say that there is no checksum
	}
	binary.BigEndian.PutUint16(udp[6:], sum)
	return append(append(append(frame, header...), udp...), packet...)
}

// checksum adds 16-bit words in ones' complement (RFC 1071).
func checksum(sum uint32, data []byte) uint16 {
	for ; len(data) > 1; data = data[2:] {
		sum += uint32(data[0])<<8 | uint32(data[1])
	}
	if len(data) > 0 {
		sum += uint32(data[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// undatagram returns who sent a frame and the packet for a client in it. It
// does not look at the checksum of UDP, which is not filled in yet where the
// server runs on the same machine.
func undatagram(frame []byte) (from device.MAC, packet []byte, ok bool) {
	if len(frame) < ethernetSize+ipSize+udpSize || binary.BigEndian.Uint16(frame[12:]) != typeIPv4 {
		return from, nil, false
	}
	from = device.MAC(frame[6:12])
	ip := frame[ethernetSize:]
	header, total := int(ip[0]&15)*4, int(binary.BigEndian.Uint16(ip[2:]))
	fragment := binary.BigEndian.Uint16(ip[6:]) & 0x3fff // more to come, or an offset
	if ip[0]>>4 != 4 || header < ipSize || total < header+udpSize || total > len(ip) || ip[9] != protocolUDP || fragment != 0 {
		return from, nil, false
	}
	udp := ip[header:total]
	size := int(binary.BigEndian.Uint16(udp[4:]))
	if binary.BigEndian.Uint16(udp[2:]) != clientPort || size < udpSize || size > len(udp) {
		return from, nil, false
	}
	return from, udp[udpSize:size], true
}

// A question is an ARP request.
type question struct {
	from   device.MAC
	sender [4]byte
	target netip.Addr
}

// askedFor reads an ARP request for an IPv4 address on Ethernet.
func askedFor(frame []byte) (q question, ok bool) {
	if len(frame) < ethernetSize+arpSize || binary.BigEndian.Uint16(frame[12:]) != typeARP {
		return q, false
	}
	arp := frame[ethernetSize:]
	if [8]byte(arp) != arpHead(arpRequest) {
		return q, false
	}
	return question{device.MAC(arp[8:]), [4]byte(arp[14:]), netip.AddrFrom4([4]byte(arp[24:]))}, true
}

// answer returns the frame that names the owner of the address.
func (q question) answer(owner device.MAC) []byte {
	head, target := arpHead(arpReply), q.target.As4()
	frame := append(ethernet(q.from, owner, typeARP, arpSize), head[:]...)
	frame = append(append(frame, owner[:]...), target[:]...)
	return append(append(frame, q.from[:]...), q.sender[:]...)
}

// arpHead returns how ARP for IPv4 on Ethernet begins.
func arpHead(operation byte) [8]byte { return [8]byte{0, 1, typeIPv4 >> 8, 0, 6, 4, 0, operation} }
