package fleet

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"provsim/device"
	"provsim/fleet/inventory"
	"provsim/fleet/scenario"
	"provsim/internal/checkpoint"
	"provsim/internal/dhcp"
	"provsim/internal/run"
	"provsim/internal/sched"
)

// RunOptions say how a scenario runs on the wall clock.
type RunOptions struct {
	Options
	// Network carries the transfers to real servers. The devices have the numbers
	// of the shard, see [Shard]. Nil is this machine's network, over TFTP, HTTP and
	// HTTPS; it refuses targets whose address is not private.
	Network Network
	// Epoch is the wall time of the scenario's begin. Zero is now; Run waits for
	// one that is to come. It is not read by a run that goes on.
	Epoch time.Time
	// Resume, where it is set, is a checkpoint of the same scenario and shard. The
	// run goes on at the instant at which it was stopped: the time between does not
	// count, what the scenario had in the past is not played again, and no device is
	// late. After the end of that run a new one begins, whose devices have stored what
	// they had then. The error is [ErrOtherRun] where it does not fit.
	Resume *Checkpoint
	// Keep gets a checkpoint every 30 seconds and at the end, in parts to be put
	// together, or why it could not be made. It is called once at a time, in another goroutine
	// than the devices', and may take its time. All is in it that Resume needs but
	// certificates, which come by Recall, and the events of a [Control].
	Keep func(parts [][]byte, err error)
	// Recall returns what a device has stored at the begin, given what the scenario
	// or Resume says: for certificates. Nil changes nothing. It is called by the number in
	// the fleet.
	Recall func(n int, mac device.MAC, fresh *device.Stored) (*device.Stored, error)
	// Save keeps a device's memory; nil keeps nothing. The run ends with its error.
	Save func(mac device.MAC, s *device.Stored) error
	// DHCP, where it is set, gets the leases in place of the scenario's. Its
	// clients have the numbers of the shard's devices.
	DHCP *dhcp.Agent
	// Lag gets the instants at which each wake-up was due and came.
	Lag func(due, now time.Duration)
	// Reach gets the address at which a device can be reached, by its number in the
	// shard, and the zero address when it no longer can; nil: it is not called.
	Reach func(i int, addr netip.Addr)
	// Drain, when it is closed, ends the run as soon as the transfers in flight
	// have ended. No new one starts.
	Drain <-chan struct{}
	// Attach gets the driver before the run, for inputs to devices from outside.
	Attach func(*run.Driver)
	// Control gets the run before it begins, for those who look at it and act in
	// it.
	Control func(*Control)
	// Last is called for each device at the end, by its number in the fleet: its
	// memory and its timers are then as they would have to be taken up again.
	Last func(n int, d *device.Device)

	started time.Time // when the run began first
}

// ErrNothingToDo means that a run would do nothing, or not what the scenario says:
// there is no server to ask, no phone is switched on before the run's end, an event
// comes after it, or the whole run is in the past. The error's text says which.
var ErrNothingToDo = scenario.ErrNothingToDo

// checkTarget reports whether there is a server to ask and time left to do it.
func checkTarget(devices *inventory.Inventory, o *RunOptions) error {
	if o.DHCP == nil && !devices.HasServer() {
		return fmt.Errorf("%w: no phone has a server to ask: option66 is left out or %s, an address of documentation; want a profile-rule or an option66", ErrNothingToDo, scenario.DefaultOption66)
	}
	end := o.Epoch.Add(devices.Scenario.Duration)
	if o.Resume == nil && !o.Epoch.IsZero() && end.Before(time.Now()) {
		return fmt.Errorf("%w: the run would have ended at %s", ErrNothingToDo, end.Format(time.RFC3339))
	}
	return nil
}

// Run runs a scenario on the wall clock against real servers. A shard drives its
// own devices only. It ends after the scenario's duration, when it is drained,
// or when the context ends, whose error it then returns with the result so far.
func Run(ctx context.Context, s *Scenario, o RunOptions) (*Result, error) {
	devices, err := open(s, &o.Options)
	if err != nil {
		return nil, err
	}
	if o.Network == nil {
		o.Network = sockets()
	}
	s = devices.Scenario
	if err := checkTarget(devices, &o); err != nil {
		return nil, err
	}
	records := newRecorder(devices, devices, &o.Options)
	phones, resumed, err := takeUp(devices, records, &o)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	network := o.Network
	if o.Drain != nil {
		d := &drain{network: network, asked: o.Drain, end: end}
		go d.wait(ctx)
		network = d
	}
	clock := sched.NewReal(o.Epoch)
	driver := run.New(run.Config{
		Clock: clock, Network: network, Journal: records, Epoch: o.Epoch, DHCP: o.DHCP, Save: o.Save, Lag: o.Lag, Reach: o.Reach,
		Lease: func(i int, _ *device.Device) device.Lease { return devices.Lease(i) },
	}, phones)
	t := &timeline{scenario: s, devices: devices, driver: driver, records: records, resumed: resumed}
	t.begin()
	t.report(&o.Options)
	if resumed != nil && o.DHCP != nil {
		t.askLeases()
	}
	kept := newCheckpointer(t, phones, &o, checkpoint.Head{Digest: s.ResumeDigest(), Started: o.started.UnixNano()})
	if o.Attach != nil {
		o.Attach(driver)
	}
	if o.Control != nil {
		o.Control(&Control{timeline: t})
	}
	err = driver.Run(ctx, s.Duration)
	if context.Cause(ctx) == errDrained {
		err = nil
	}
	r := &Result{
		Scenario: s, Digest: s.Digest(), Shard: o.Shard, Only: o.Only, Devices: records.len(),
		Until: min(max(0, clock.Now()), s.Duration), Started: o.started, Tally: records.tally,
	}
	kept.last(r.Until)
	r.Tally.End(r.Until)
	for i := range phones {
		if o.Last != nil {
			o.Last(devices.Number(i), &phones[i])
		}
	}
	return r, err
}
