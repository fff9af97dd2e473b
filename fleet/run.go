package fleet

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"provsim/device"
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
	// one that is to come.
	Epoch time.Time
	// Recall returns what a device has stored at the begin, given what the scenario
	// says: for certificates, and for memories of an earlier run. Nil is the
	// scenario's. It is called by the number in the fleet.
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
	// Last is called for each device at the end, by its number in the fleet: its
	// memory and its timers are then as they would have to be taken up again.
	Last func(n int, d *device.Device)
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
	if o.Epoch.IsZero() {
		o.Epoch = time.Now()
	}
	c.model.Epoch = o.Epoch
	l := c.inShard(o.Shard)
	devices, err := c.recall(l, &o)
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
	records := newRecorder(c, l, &o.Options)
	clock := sched.NewReal(o.Epoch)
	driver := run.New(run.Config{
		Clock: clock, Network: network, Journal: records, Epoch: o.Epoch, DHCP: o.DHCP, Save: o.Save, Lag: o.Lag,
		Lease: func(i int, _ *device.Device) device.Lease { return c.lease(l.who(i)) },
	}, devices)
	play := &stage{crew: c, lineup: l, driver: driver, records: records}
	play.set()
	play.report(&o.Options)
	if o.Attach != nil {
		o.Attach(driver)
	}
	err = driver.Run(ctx, c.Duration)
	if context.Cause(ctx) == errDrained {
		err = nil
	}
	r := &Result{
		Scenario: c.Scenario, Digest: s.Digest(), Shard: o.Shard, Only: o.Only, Devices: records.len(),
		Until: min(max(0, clock.Now()), c.Duration), Started: o.Epoch, Tally: records.tally,
	}
	r.Tally.End(r.Until)
	for i := range devices {
		if o.Last != nil {
			o.Last(l.who(i), &devices[i])
		}
	}
	return r, err
}

// recall makes the shard's devices, with what they remember.
func (c *crew) recall(l *lineup, o *RunOptions) ([]device.Device, error) {
	devices := c.slab(l)
	if o.Recall == nil {
		return devices, nil
	}
	for i := range devices {
		n := l.who(i)
		stored, err := o.Recall(n, c.mac(n), c.memory(n))
		if err != nil {
			return nil, err
		}
		devices[i].Init(c.model, c.makeOf(n), c.mac(n), stored)
	}
	return devices, nil
}
