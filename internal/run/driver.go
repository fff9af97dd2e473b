package run

import (
	"context"
	"errors"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/internal/journal"
	"provsim/internal/sched"
)

// Config is what a driver works with.
type Config struct {
	Clock   sched.Clock
	Network Network
	Journal journal.Sink
	// Epoch is the wall time of the instant 0; zero in virtual time, whose
	// records have no wall time.
	Epoch time.Time
	// Lease answers a device that asks for a lease. It is called in the
	// driver's goroutine and must not block.
	Lease func(d *device.Device) device.Lease
	// DHCP, where it is set, gets the leases in place of Lease. Its clients have
	// the numbers of the devices.
	DHCP *dhcp.Agent
	// Save keeps a device's memory. Nil keeps nothing. The run ends with its error.
	Save func(mac device.MAC, s *device.Stored) error
	// Stop is asked after each step of a device. Nil goes on until the run ends.
	Stop func(d *device.Device) bool
}

// Driver runs devices.
type Driver struct {
	config  Config
	loop    *sched.Loop[input]
	devices []*device.Device
	seq     []uint32 // by device: the number of its latest record
	flights []flight // by device
	fx      []device.Effect
	ctx     context.Context
	stop    context.CancelCauseFunc
}

// input is something that happens to one device, or a look at it, or a DHCP
// server's reply to it.
type input struct {
	device int
	device.Input
	look  func(*device.Device, time.Duration)
	reply *dhcp.Reply
}

// flight is the transfer of a device that is under way, if any.
type flight struct {
	transfer uint32
	land     context.CancelFunc // gives it up, and frees what it holds
}

// errStopped is the cause of a run's end that Config.Stop asked for.
var errStopped = errors.New("the run was stopped")

// New returns a driver of devices, which have no power yet.
func New(c Config, devices ...*device.Device) *Driver {
	return &Driver{
		config: c, loop: sched.New[input](c.Clock), devices: devices,
		seq: make([]uint32, len(devices)), flights: make([]flight, len(devices)),
	}
}

// Tell says what happens to a device, numbered from 0; its instant is filled
// in. It may be called from any goroutine, before and while Run runs.
func (d *Driver) Tell(i int, in device.Input) { d.loop.Post(input{device: i, Input: in}) }

// Look calls f with a device and the instant, in the driver's goroutine and
// between two steps. It may be called from any goroutine, and does not wait.
func (d *Driver) Look(i int, f func(dev *device.Device, now time.Duration)) {
	d.loop.Post(input{device: i, look: f})
}

// Run drives the devices until the instant until, until Config.Stop says so,
// or until the context ends, whose error it returns. Transfers in flight are
// given up.
func (d *Driver) Run(ctx context.Context, until time.Duration) error {
	d.ctx, d.stop = context.WithCancelCause(ctx)
	defer d.stop(errStopped)
	defer (*handler)(d).release()
	err := d.loop.Run(d.ctx, until, (*handler)(d))
	if cause := context.Cause(d.ctx); err != nil && cause != nil && ctx.Err() == nil {
		if cause == errStopped {
			return nil
		}
		return cause
	}
	return err
}
