//go:build !linux

package ipoffice

import (
	"context"
	"net"
	"net/netip"
)

// listenBroadcast opens a broadcast address, where the system allows it.
func listenBroadcast(ctx context.Context, at netip.AddrPort) (net.PacketConn, error) {
	var config net.ListenConfig
	return config.ListenPacket(ctx, "udp4", at.String())
}
