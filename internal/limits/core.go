package limits

import (
	"os"
	"runtime"
)

// LeaveCore leaves a core to a server on this machine with which devices make
// TLS connections, unless the environment variable GOMAXPROCS says how many
// cores there are to be. Handshakes keep both sides' cores busy, and where the
// phones wake up on all of them the system moves the server out of their way again
// and again: on two cores that costs a sixth of the handshakes. The function that it
// returns puts back what was.
func LeaveCore() (putBack func()) {
	before := runtime.GOMAXPROCS(0)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(1, before-1))
	}
	return func() { runtime.GOMAXPROCS(before) }
}
