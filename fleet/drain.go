package fleet

import (
	"context"
	"errors"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/run"
)

// errDrained is the cause of the end of a run that was drained.
var errDrained = errors.New("the run was drained")

// drain is a network that can be closed: then no new transfer starts, and the run
// ends with the last transfer in flight.
type drain struct {
	network run.Network
	asked   <-chan struct{}
	end     context.CancelCauseFunc

	mu       sync.Mutex
	closed   bool
	inFlight int
}

// Start passes a transfer on while the network is open. After that a device waits
// for an answer that does not come: the run is about to end.
func (n *drain) Start(now time.Duration, req *device.Request, d run.Delivery) {
	if n.begin() {
		context.AfterFunc(d.Context(), n.finish)
		n.network.Start(now, req, d)
	}
}

func (n *drain) begin() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.inFlight++
	}
	return !n.closed
}

func (n *drain) finish() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.inFlight--
	n.check()
}

// wait closes the network when that is asked for.
func (n *drain) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-n.asked:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.closed = true
		n.check()
	}
}

// check ends the run when nothing is left to wait for.
func (n *drain) check() {
	if n.closed && n.inFlight == 0 {
		n.end(errDrained)
	}
}
