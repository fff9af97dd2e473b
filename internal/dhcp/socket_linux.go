package dhcp

import (
	"encoding/binary"
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// controlSize holds the one control message that prepare asks for, a number of
// 32 bits.
const controlSize = 64

// prepare makes the receive buffer of a socket large, and has the kernel count
// what it throws away. A kernel that is emulated may not know how to count.
func prepare(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		count := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
		if count == unix.ENOPROTOOPT {
			count = nil
		}
		refused = errors.Join(enlarge(int(fd)), count)
	})
	return errors.Join(err, refused)
}

// enlarge makes a receive buffer large, beyond the system's limit
// net.core.rmem_max where the process has CAP_NET_ADMIN.
func enlarge(fd int) error {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) == nil {
		return nil
	}
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
}

// overflow returns how many packets the kernel says that it has thrown away.
func overflow(control []byte) (lost uint32, ok bool) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return 0, false
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_RXQ_OVFL && len(m.Data) >= 4 {
			return binary.NativeEndian.Uint32(m.Data), true
		}
	}
	return 0, false
}
