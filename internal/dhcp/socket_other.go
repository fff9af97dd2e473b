//go:build !linux

package dhcp

import "net"

// controlSize is 0, because overflow reads nothing here.
const controlSize = 0

// prepare makes the receive buffer of a socket as large as the system lets it.
func prepare(conn *net.UDPConn) error { return conn.SetReadBuffer(receiveBuffer) }

// overflow knows nothing: these systems do not tell.
func overflow([]byte) (lost uint32, ok bool) { return 0, false }
