package fleet

import (
	"context"
	"fmt"
	"time"

	"provsim/device"
	"provsim/internal/fetch/model"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/internal/tally"
)

// What runs take and give, by names that other modules can use too.
type (
	// Record says that something happened to a device.
	Record = journal.Record
	// Sink takes records. A record is only valid until Add returns.
	Sink = journal.Sink
	// Network carries the transfers of a run.
	Network = run.Network
	// Tally is what has been counted.
	Tally = tally.Tally
	// Stats is what a modelled server has done.
	Stats = model.Stats
)

// Options say what of a run is recorded.
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

// Result is what has come of a run.
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

// open checks what a run is asked for.
func open(s *Scenario, o *Options) (*crew, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	c, err := newCrew(s)
	if err != nil {
		return nil, err
	}
	if err := o.Shard.check(); err != nil {
		return nil, err
	}
	if o.Shard.Count > c.Devices {
		return nil, fmt.Errorf("found %d shards for %d devices, want at most a shard for each", o.Shard.Count, c.Devices)
	}
	if o.Only != nil && (*o.Only < 0 || *o.Only >= c.Devices) {
		return nil, fmt.Errorf("found device %d, want one from 0 to %d", *o.Only, c.Devices-1)
	}
	if o.Progress != nil && o.Every <= 0 {
		return nil, fmt.Errorf("found progress every %v, want a time over 0", o.Every)
	}
	return c, nil
}

// Plan runs a scenario in virtual time against a modelled server. Devices meet
// at the server, so all of them are simulated, whichever are recorded: shards
// come together to exactly the unsharded run, and a device alone has the journal
// that it has among all. When the context ends, Plan returns its error and the
// result so far.
func Plan(ctx context.Context, s *Scenario, o Options) (*Result, error) {
	c, err := open(s, &o)
	if err != nil {
		return nil, err
	}
	f, err := newFiles(c)
	if err != nil {
		return nil, err
	}
	l := c.byTurn()
	network, err := newModelled(f, l)
	if err != nil {
		return nil, err
	}
	records := newRecorder(c, l, &o)
	clock := &sched.Virtual{}
	driver := run.New(run.Config{
		Clock: clock, Network: network, Journal: records,
		Lease: func(i int, _ *device.Device) device.Lease { return c.lease(l.who(i)) },
	}, c.slab(l))
	play := &stage{crew: c, lineup: l, driver: driver, records: records}
	play.set()
	play.report(&o)
	if o.Shard.Index == 0 {
		watch(driver, network.server, records.tally, c.Duration)
	}
	err = driver.Run(ctx, c.Duration)

	r := &Result{
		Scenario: c.Scenario, Digest: s.Digest(), Shard: o.Shard, Only: o.Only, Devices: records.len(),
		Until: c.Duration, Tally: records.tally,
	}
	if err != nil {
		r.Until = clock.Now()
	}
	r.Server = network.server.Stats(r.Until)
	if o.Shard.Index == 0 { // each shard has run the same server, and when they are merged it must count once
		r.Tally.Serve(served(&network.config, &r.Server))
	}
	r.Tally.End(r.Until)
	return r, err
}

// report calls Options.Progress.
func (s *stage) report(o *Options) {
	if o.Progress == nil {
		return
	}
	var again func(time.Duration)
	again = func(now time.Duration) {
		o.Progress(s.progress(now))
		if next := now + o.Every; next < s.Duration {
			s.driver.Do(next, again)
		}
	}
	s.driver.Do(o.Every, again)
}

func (s *stage) progress(now time.Duration) Progress {
	return Progress{Now: now, Until: s.Duration, Devices: s.records.len(), Tally: s.records.tally}
}
