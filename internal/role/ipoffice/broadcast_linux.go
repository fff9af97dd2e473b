package ipoffice

import (
	"context"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// listenBroadcast opens a broadcast address. Several programs may have it open: each
// hears all broadcasts.
func listenBroadcast(ctx context.Context, at netip.AddrPort) (net.PacketConn, error) {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		if outer := raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) }); outer != nil {
			return outer
		}
		return err
	}}
	return config.ListenPacket(ctx, "udp4", at.String())
}
