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

// gate is a network that can be closed: then nothing new starts, and the run
// ends with the last transfer in flight.
type gate struct {
	network run.Network
	drain   <-chan struct{}
	end     context.CancelCauseFunc

	mu     sync.Mutex
	closed bool
	flying int
}

// Start passes a transfer on while the gate is open. A device whose transfer is
// kept back waits for its answer, which nobody sees: the run is about to end.
func (g *gate) Start(now time.Duration, req *device.Request, d run.Delivery) {
	if g.takeOff() {
		context.AfterFunc(d.Context(), g.land)
		g.network.Start(now, req, d)
	}
}

func (g *gate) takeOff() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.flying++
	}
	return !g.closed
}

func (g *gate) land() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flying--
	g.check()
}

// wait closes the gate when it is told to.
func (g *gate) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-g.drain:
		g.mu.Lock()
		defer g.mu.Unlock()
		g.closed = true
		g.check()
	}
}

// check ends the run when nothing is left to wait for.
func (g *gate) check() {
	if g.closed && g.flying == 0 {
		g.end(errDrained)
	}
}
