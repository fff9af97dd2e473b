package run

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/internal/journal"
	"provsim/internal/sched"
	"provsim/resync"
)

// Config is what a driver works with.
type Config struct {
	Clock   sched.Clock
	Network Network
	Journal journal.Sink
	// Epoch is the wall time of the instant 0; zero in virtual time, whose
	// records have no wall time.
	Epoch time.Time
	// Lease answers device i, which asks for a lease. It is called in the
	// driver's goroutine and must not block.
	Lease func(i int, d *device.Device) device.Lease
	// DHCP, where it is set, gets the leases in place of Lease. Its clients have
	// the numbers of the devices.
	DHCP *dhcp.Agent
	// Save keeps a device's memory. Nil keeps nothing. The run ends with its error.
	Save func(mac device.MAC, s *device.Stored) error
	// Reach gets the address at which a device can be reached from now on, and the
	// zero address when it no longer can; nil: it is not called.
	Reach func(i int, addr netip.Addr)
	// Observe gets each event of a device, when the journal has it. It is called in the
	// driver's goroutine and must not block; nil: it is not called.
	Observe func(d *device.Device, e *device.Event)
	// Stop is asked after each step of a device. Nil goes on until the run ends.
	Stop func(d *device.Device) bool
	// Lag gets the instants at which a device's wake-up was due and was handed out. Nil
	// is not told.
	Lag func(due, now time.Duration)
}

// Driver runs devices.
type Driver struct {
	config   Config
	model    VirtualNetwork // the network, where it is one
	loop     *sched.Loop[event]
	devices  []device.Device
	workers  workers
	inflight map[int32]inflight       // by device: transfers that have asked for a context
	orders   map[int32][]device.Input // by device: those that it has not begun
	fx       []device.Effect
	stepping bool // the effects of a step are being carried out
	record   journal.Record
	ctx      context.Context
	cancel   context.CancelCauseFunc
}

// errStopped is the cause of a run's end that Config.Stop asked for.
var errStopped = errors.New("the run was stopped")

// New returns a driver of devices, which have no power yet, or were thawed and go
// on. It uses them where they are; the caller may look at them when Run has
// returned.
func New(c Config, devices []device.Device) *Driver {
	d := &Driver{config: c, loop: sched.New[event](c.Clock), devices: devices, workers: newWorkers(), inflight: map[int32]inflight{}, orders: map[int32][]device.Input{}}
	d.model, _ = c.Network.(VirtualNetwork)
	for i := range devices {
		d.loop.Set(i, devices[i].Deadline())
	}
	return d
}

// Now returns the instant by the clock. In virtual time only the driver's
// goroutine may ask.
func (d *Driver) Now() time.Duration { return d.loop.Now() }

// Tell says what happens to a device, numbered from 0; its instant is filled
// in. It may be called from any goroutine, before and while Run runs.
func (d *Driver) Tell(i int, in device.Input) { d.loop.Post(inputEvent(i, in)) }

// Look calls f with a device and the instant, in the driver's goroutine and
// between two steps. It may be called from any goroutine, and does not wait.
func (d *Driver) Look(i int, f func(dev *device.Device, now time.Duration)) {
	d.loop.Post(event{device: int32(i), more: look(f)})
}

// At tells a device something at an instant, or at once where that has passed.
// Like all methods below it is called before Run, or in the driver's goroutine.
func (d *Driver) At(i int, at time.Duration, in device.Input) { d.loop.At(at, inputEvent(i, in)) }

// Do calls f at an instant, in the driver's goroutine and between two steps. At
// one instant, what At, Do and the network have asked for happens in the order in
// which they did, and before any device is woken.
func (d *Driver) Do(at time.Duration, f func(now time.Duration)) {
	d.loop.At(at, event{more: do(f)})
}

// SwitchOn lets power come to a device at an instant. It costs no memory, unlike
// At with a PowerOn, and so suits a whole fleet. [device.Device.SwitchOn] says
// when it is ignored.
func (d *Driver) SwitchOn(i int, at time.Duration) {
	d.devices[i].SwitchOn(at)
	d.loop.Set(i, d.devices[i].Deadline())
}

// Step tells a device something at once. From within a step, such as in a sink or
// at the start of a transfer, it is At with the present instant.
func (d *Driver) Step(i int, in device.Input) {
	in.Now = d.loop.Now()
	if d.stepping {
		d.At(i, in.Now, in)
		return
	}
	(*handler)(d).step(i, &in)
}

// mostOrders is how many orders wait for one device.
const mostOrders = 16

// Order has a device do an order as soon as its other jobs let it; a reboot forgets what
// waits. It reports false where the device is down, or too many wait already.
func (d *Driver) Order(i int, order device.Order) bool {
	return d.order(i, device.Input{Kind: device.AskOrder, Cause: resync.Notify, Note: string(order)})
}

func (d *Driver) order(i int, in device.Input) bool {
	n := int32(i)
	if !d.devices[i].Status().On || len(d.orders[n]) >= mostOrders {
		return false
	}
	d.orders[n] = append(d.orders[n], in)
	d.Do(d.loop.Now(), func(time.Duration) { (*handler)(d).obey(i) })
	return true
}

// Run drives the devices until the instant until, until Config.Stop says so,
// or until the context ends, whose error it returns. Transfers in flight are
// given up.
func (d *Driver) Run(ctx context.Context, until time.Duration) error {
	d.ctx, d.cancel = context.WithCancelCause(ctx)
	defer d.cancel(errStopped)
	defer (*handler)(d).leave()
	for i := range d.devices { // those that were thawed
		if addr := d.devices[i].Lease().Addr; addr.IsValid() {
			(*handler)(d).reach(i, addr)
		}
	}
	err := d.loop.Run(d.ctx, until, (*handler)(d))
	if cause := context.Cause(d.ctx); err != nil && cause != nil && ctx.Err() == nil {
		if cause == errStopped {
			return nil
		}
		return cause
	}
	return err
}

// stop ends the run before anything more happens.
func (h *handler) stop(cause error) {
	h.cancel(cause)
	h.loop.End()
}
