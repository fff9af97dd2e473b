//go:build !linux

package egress

import (
	"context"
	"net"
	"net/netip"
)

// connect opens a TCP connection from an address, or from one that the system
// chooses. Keep-alive is for connections that outlast one file.
func connect(ctx context.Context, from netip.Addr, server netip.AddrPort) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: -1}
	if from.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
	}
	return dialer.DialContext(ctx, "tcp", server.String())
}
