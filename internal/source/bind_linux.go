package source

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// latePort leaves the choice of a bound socket's port to connect, where the other
// end is known: each address has all its ports for each server, and not once
// for all of them (ip(7), IP_BIND_ADDRESS_NO_PORT). The option is of level IP
// for IPv6 too.
func latePort(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
	if err != nil {
		return err
	}
	if failed == nil || errors.Is(failed, unix.ENOPROTOOPT) { // Linux before 4.2
		return nil
	}
	return os.NewSyscallError("setsockopt", failed)
}
