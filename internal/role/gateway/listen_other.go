//go:build !linux

package gateway

import (
	"context"
	"errors"
	"net"
)

// ListenInterface works on Linux only.
func ListenInterface(context.Context, string) (net.PacketConn, error) {
	return nil, errors.New("a DHCP interface can be served on Linux only; use a relay port")
}
