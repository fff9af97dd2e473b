//go:build !linux

package tftp

import "net"

// A stream exists on Linux only.
type stream struct{ packetConn }

func openStream(net.PacketConn) *stream { return nil }

func (*stream) interrupt() {}
func (*stream) close()     {}
