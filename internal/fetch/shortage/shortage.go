// Package shortage recognises failures that are this machine's and not the network's or
// the server's: see [Caused].
package shortage

import (
	"errors"
	"syscall"
)

// errnos say that this machine had no more of something.
var errnos = []error{
	syscall.EMFILE,        // descriptors of this process
	syscall.ENFILE,        // descriptors of the system
	syscall.EADDRNOTAVAIL, // ports for a connection, or the address itself
	syscall.EADDRINUSE,    // ports for a bound socket
	syscall.ENOBUFS,       // room in a queue
	syscall.ENOMEM,        // memory
}

// Caused reports whether an error comes from a shortage of descriptors, ports,
// addresses or memory on this machine. Such a failure tells nothing about the
// server.
func Caused(err error) bool {
	for _, errno := range errnos {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
