//go:build linux

package interop

import (
	"syscall"
	"testing"

	"provsim/internal/testing/peer"
)

// A state is what has become of a server when a phone asks it.
type state string

const (
	running state = "running"
	stopped state = "stopped" // its port is closed
	frozen  state = "frozen"  // it hangs: the kernel takes connections and packets for it
)

// become brings a running server into a state.
func become(t *testing.T, p *peer.Program, s state) {
	t.Helper()
	switch s {
	case stopped:
		p.Stop(t)
	case frozen:
		p.Signal(t, syscall.SIGSTOP)
	}
}
