package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/fleet/inventory"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/internal/tally"
)

// Options say what a run records.
type Options struct {
	Shard Shard
	// Only records one device, by its number in the fleet; nil is all of the
	// shard.
	Only *int
	// Journal gets the records that are counted; nil for none.
	Journal Sink
	// Progress is called each time that Every has passed in the run, in its
	// goroutine.
	Progress func(Progress)
	Every    time.Duration
}

// Progress is how far a run has come.
type Progress struct {
	Now, Until time.Duration
	Devices    int    // that are recorded
	Tally      *Tally // to be read during the call only
}

// Result is the result of a run.
type Result struct {
	Scenario *Scenario // with its defaults
	Digest   string    // of the scenario
	Shard    Shard
	Only     *int
	Devices  int           // that are recorded
	Until    time.Duration // how far the run came
	Started  time.Time     // of a run on the wall clock
	Tally    *Tally
	Server   Stats // of a plan: what the server did for all devices, recorded or not
}

// Run returns what reports say about the run. The command adds what it knows of
// itself and of the machine.
func (r *Result) Run() tally.Run {
	return tally.Run{
		Scenario: r.Scenario.Name, Digest: r.Digest, Seed: r.Scenario.Seed,
		Shard: r.Shard.Index, Shards: max(1, r.Shard.Count),
		Virtual: r.Started.IsZero(), Started: r.Started,
	}
}

// open returns who the devices of the run's shard are, and says what is wrong with
// what a run is asked for.
func open(s *Scenario, o *Options) (*inventory.Inventory, error) {
	devices, err := inventory.New(s, o.Shard)
	if err != nil {
		return nil, err
	}
	if err := s.CheckWork(); err != nil {
		return nil, err
	}
	if all := devices.Scenario.Devices; o.Only != nil && (*o.Only < 0 || *o.Only >= all) {
		return nil, fmt.Errorf("found device %d, want one from 0 to %d", *o.Only, all-1)
	}
	if o.Progress != nil && o.Every <= 0 {
		return nil, fmt.Errorf("found progress every %v, want a time over 0", o.Every)
	}
	return devices, nil
}

// ErrVendor means that a plan is asked for phones for which its modelled server has
// no files.
var ErrVendor = errors.New("the modelled server has no files for these phones")

// planned returns the names of the vendors that a plan takes.
func planned() (names []string) {
	for _, p := range vendors.All() {
		if p.Tree != nil {
			names = append(names, p.Name)
		}
	}
	return names
}

// Plan runs a scenario in virtual time against a modelled server. Devices meet
// at the server, so all of them are simulated, whichever are recorded: shards
// come together to exactly the unsharded run, and a device alone has the journal
// that it has among all. When the context ends, Plan returns its error and the
// result so far.
func Plan(ctx context.Context, s *Scenario, o Options) (*Result, error) {
	recorded, err := open(s, &o)
	if err != nil {
		return nil, err
	}
	for _, vendor := range recorded.Vendors() {
		if vendor.Tree == nil {
			return nil, fmt.Errorf("%w: %s phones need a run on the wall clock; a plan takes %s", ErrVendor, vendor.Vendor, strings.Join(planned(), ", "))
		}
	}
	devices := recorded.Whole().ByTurn()
	if o.Shard.Count <= 1 {
		recorded = devices
	}
	network, err := newModelled(devices)
	if err != nil {
		return nil, err
	}
	s = devices.Scenario
	records := newRecorder(devices, recorded, &o)
	clock := &sched.Virtual{}
	config := run.Config{
		Clock: clock, Network: network, Journal: records,
		Lease: func(i int, _ *device.Device) device.Lease { return devices.Lease(i) },
	}
	if network.hidden, err = newHidden(devices); err != nil {
		return nil, err
	}
	if network.hidden != nil {
		config.DHCP = network.hidden.agent
	}
	driver := run.New(config, devices.Devices())
	if network.hidden != nil {
		network.hidden.driver = driver
	}
	t := &timeline{scenario: s, devices: devices, driver: driver, records: records}
	t.begin()
	t.report(&o)
	if o.Shard.Index == 0 {
		watchQueue(driver, network.server, records.tally, s.Duration)
	}
	err = driver.Run(ctx, s.Duration)

	r := &Result{
		Scenario: s, Digest: s.Digest(), Shard: o.Shard, Only: o.Only, Devices: records.len(),
		Until: s.Duration, Tally: records.tally,
	}
	if err != nil {
		r.Until = clock.Now()
	}
	r.Server = network.server.Stats(r.Until)
	if o.Shard.Index == 0 { // each shard has run the same server, and when they are merged it must count once
		r.Tally.Serve(served(&network.config, &r.Server))
		if network.hidden != nil {
			r.Tally.Hide(network.hidden.count())
		}
	}
	for source, at := range network.server.Banned() {
		r.Tally.Banned(int(source), at)
	}
	r.Tally.End(r.Until)
	return r, err
}
