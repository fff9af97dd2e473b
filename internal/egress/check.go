package egress

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// Check binds each address that this many devices use, once, and reports
// the first that this machine does not have.
func (p *Pool) Check(devices int) error {
	for _, v := range []struct {
		all  ranges
		ipv6 bool
	}{{p.v4, false}, {p.v6, true}} {
		if v.all == nil {
			continue
		}
		for i := range min(uint64(max(devices, 0)), v.all.size()) {
			addr, _ := p.For(int(i), v.ipv6)
			if err := try(addr); err != nil {
				return err
			}
		}
	}
	return nil
}

// try binds an address and lets it go. UDP does for TCP: the address is what is
// asked for.
func try(addr netip.Addr) error {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
	if err == nil {
		return conn.Close()
	}
	if !errors.Is(err, syscall.EADDRNOTAVAIL) {
		return fmt.Errorf("source address %v: %w", addr, err)
	}
	return fmt.Errorf("source address %v: %w: this machine does not have it; on Linux, ip route add local %v dev lo "+
		"gives a whole network to it, and the server needs a route back", addr, err, around(addr))
}

// around returns the network that a user is likely to have meant.
func around(addr netip.Addr) netip.Prefix {
	size := 24
	if addr.Is6() {
		size = 64
	}
	net, _ := addr.Prefix(size) // a size that every address has
	return net
}
