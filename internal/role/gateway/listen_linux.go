package gateway

import (
	"context"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// ListenInterface opens port 67 on one network interface, where clients without
// an address are heard and answered by broadcast. It needs the right to bind to
// an interface.
func ListenInterface(ctx context.Context, name string) (net.PacketConn, error) {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		if outer := raw.Control(func(fd uintptr) {
			if err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err == nil {
				err = unix.BindToDevice(int(fd), name)
			}
		}); outer != nil {
			return outer
		}
		return err
	}}
	conn, err := config.ListenPacket(ctx, "udp4", ":67")
	if err != nil {
		return nil, fmt.Errorf("interface %s, port 67: %w", name, err)
	}
	return conn, nil
}
