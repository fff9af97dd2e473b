package limits

import (
	"os"
	"runtime"
	"sync"
)

var left struct {
	sync.Mutex
	callers int // whose function has not been called
	before  int // GOMAXPROCS before the first of them
}

// LeaveCore leaves a core to a server on this machine, unless the environment variable
// GOMAXPROCS says how many cores there are to be. Where the phones wake up on all cores
// the system moves the server out of their way again and again: on two cores that costs
// a sixth of TLS handshakes and of TFTP transfers, and a fifth of the phones' own
// processor time over HTTP. The function that it returns, called once, puts back what
// was when no other caller needs it.
func LeaveCore() (putBack func()) {
	if os.Getenv("GOMAXPROCS") != "" {
		return func() {}
	}
	left.Lock()
	defer left.Unlock()
	if left.callers++; left.callers == 1 {
		left.before = runtime.GOMAXPROCS(0)
		runtime.GOMAXPROCS(max(1, left.before-1))
	}
	return func() {
		left.Lock()
		defer left.Unlock()
		if left.callers--; left.callers == 0 {
			runtime.GOMAXPROCS(left.before)
		}
	}
}
