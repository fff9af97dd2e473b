//go:build !linux

package dhcp

import (
	"errors"
	"fmt"
	"io"
)

// openPacketSocket fails: packet sockets exist on Linux only.
func openPacketSocket(string) (io.ReadWriteCloser, error) {
	return nil, fmt.Errorf("packet sockets are made on Linux only, a relay agent works everywhere: %w", errors.ErrUnsupported)
}
