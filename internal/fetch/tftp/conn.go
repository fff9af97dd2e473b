package tftp

import (
	"fmt"
	"net"
	"net/netip"
	"time"
)

// A packetConn is what the driver needs of a socket.
// [net.UDPConn] is one, and reads without an allocation for each address.
type packetConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, addr netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
	SetReadDeadline(at time.Time) error
}

// addressed gives any net.PacketConn the methods of a packetConn.
func addressed(conn net.PacketConn) packetConn {
	if p, ok := conn.(packetConn); ok {
		return p
	}
	return anyConn{conn}
}

// anyConn reads addresses from their text, which every net.Addr has.
type anyConn struct{ net.PacketConn }

func (c anyConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, addr, err := c.ReadFrom(b)
	if err != nil {
		return n, netip.AddrPort{}, err
	}
	from, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return n, from, fmt.Errorf("socket names sender %q, want an address and a port: %w", addr, err)
	}
	return n, from, nil
}

func (c anyConn) WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error) {
	return c.WriteTo(b, net.UDPAddrFromAddrPort(addr))
}
