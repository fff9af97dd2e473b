package fleet

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"provsim/device"
	"provsim/internal/checkpoint"
	"provsim/internal/dhcp"
	"provsim/internal/run"
	"provsim/internal/sched"
)

// RunOptions say how a scenario runs on the wall clock.
type RunOptions struct {
	Options
	// Network carries the transfers to real servers. The devices have the numbers
	// of the shard, see [Shard].
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
	// together, or why there is none. It is called once at a time, in another goroutine
	// than the devices', and may take its time. All is in it that Resume needs but
	// certificates, which come by Recall, and the events of a [Control].
	Keep func(parts [][]byte, err error)
	// Recall returns what a device has stored at the begin, given what the scenario
	// or Resume says: for certificates. Nil is just that. It is called by the number in
	// the fleet.
	Recall func(n int, mac device.MAC, fresh *device.Stored) (*device.Stored, error)
	// Save keeps a device's memory; nil keeps nothing. The run ends with its error.
	Save func(mac device.MAC, s *device.Stored) error
	// DHCP, where it is set, gets the leases in place of the scenario's. Its
	// clients have the numbers of the shard's devices.
	DHCP *dhcp.Agent
	// Lag is told when each wake-up was due and when it came.
	Lag func(due, now time.Duration)
	// Drain, when it is closed, ends the run as soon as the transfers in flight
	// have ended. No new one starts.
	Drain <-chan struct{}
	// Attach gets the driver before the run, for what tells devices something from
	// outside.
	Attach func(*run.Driver)
	// Control gets the run before it begins, for those who look at it and act in
	// it.
	Control func(*Control)
	// Last is called for each device at the end, by its number in the fleet: its
	// memory and its timers are then as they would have to be taken up again.
	Last func(n int, d *device.Device)

	started time.Time // when the run began first
}

// PlanOnly lists what of the scenario [Run] leaves out, because it is for the
// real server and the real network to decide.
func (s *Scenario) PlanOnly() []string {
	var list []string
	if !s.Server.zero() && !reflect.DeepEqual(s.Server, DefaultServer()) {
		list = append(list, "server")
	}
	for i := range s.Events {
		switch name, _ := s.Events[i].kind(); name {
		case "outage", "rollout", "firmware":
			list = append(list, fmt.Sprintf("events[%d].%s", i, name))
		}
	}
	for i, site := range s.Sites {
		if site.Loss != 0 || site.Delay != 0 || site.Rate != 0 || site.Clock != 0 {
			list = append(list, fmt.Sprintf("loss, delay, rate and clock of sites[%d]", i))
		}
	}
	return list
}

// Run runs a scenario on the wall clock against real servers. A shard drives its
// own devices only. It ends after the scenario's duration, when it is drained,
// or when the context ends, whose error it then returns with the result so far.
func Run(ctx context.Context, s *Scenario, o RunOptions) (*Result, error) {
	c, err := open(s, &o.Options)
	if err != nil {
		return nil, err
	}
	if o.Network == nil {
		return nil, errors.New("found no network, want one that carries the transfers")
	}
	l, digest := c.inShard(o.Shard), s.Digest()
	records := newRecorder(c, l, &o.Options)
	devices, past, err := c.take(l, records, &o)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	network := o.Network
	if o.Drain != nil {
		g := &gate{network: network, drain: o.Drain, end: end}
		go g.wait(ctx)
		network = g
	}
	clock := sched.NewReal(o.Epoch)
	driver := run.New(run.Config{
		Clock: clock, Network: network, Journal: records, Epoch: o.Epoch, DHCP: o.DHCP, Save: o.Save, Lag: o.Lag,
		Lease: func(i int, _ *device.Device) device.Lease { return c.lease(l.who(i)) },
	}, devices)
	play := &stage{crew: c, lineup: l, driver: driver, records: records, past: past}
	play.set()
	play.report(&o.Options)
	if past != nil && o.DHCP != nil {
		play.askLeases()
	}
	kept := newKeeper(play, devices, &o, checkpoint.Head{Digest: digest, Started: o.started.UnixNano()})
	if o.Attach != nil {
		o.Attach(driver)
	}
	if o.Control != nil {
		o.Control(&Control{stage: play})
	}
	err = driver.Run(ctx, c.Duration)
	if context.Cause(ctx) == errDrained {
		err = nil
	}
	r := &Result{
		Scenario: c.Scenario, Digest: digest, Shard: o.Shard, Only: o.Only, Devices: records.len(),
		Until: min(max(0, clock.Now()), c.Duration), Started: o.started, Tally: records.tally,
	}
	kept.last(r.Until)
	r.Tally.End(r.Until)
	for i := range devices {
		if o.Last != nil {
			o.Last(l.who(i), &devices[i])
		}
	}
	return r, err
}
