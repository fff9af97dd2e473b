package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/limits"
	"provsim/internal/report"
	"provsim/internal/run"
	webfleet "provsim/internal/web/fleet"
)

var fleetCommand = command{
	name:   "fleet",
	drains: true,
	short:  "run many devices against a real server, on the wall clock",
	long: `
Devices are simulated; the packets are real. A run in which this machine, and not
the server, was the limit is INVALID, and its exit code is 4.

Targets have to be private addresses: a fleet against a server that is not yours
is an attack. After the first interrupt nothing new starts, and the transfers in
flight go on to their end. The second interrupt ends them.

With --state a run that was stopped or killed continues when you start it again
with the same flags: at the same instant of the run, with each phone's version,
timers and lease. The time between does not count. When the run has ended, a new
one begins with what its phones have stored.

  provsim fleet --devices 1000 --for 10m --profile-rule 'http://10.0.0.5/$MA.cfg'
  provsim fleet --scenario power-cut --option66 10.0.0.5 --out results --metrics :9464
  provsim fleet --scenario morning.yaml --source-ips 10.0.64.0/18 --state fleet.state
  provsim fleet --scenario power-cut --option66 10.0.0.5 --web 127.0.0.1:8000`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		f := &fleetRun{}
		f.fleetFlags.add(fs)
		f.addState(fs, "keep the run in `DIR`, and go on with what is kept there (default: in this process only)")
		f.networkFlags.add(fs)
		f.tunnelWayFlags.add(fs)
		f.leaseFlags.add(fs)
		f.clientCertFlags.add(fs)
		f.watchFlags.add(fs)
		f.ownServerFlags.add(fs)
		return f.run
	},
}

// fleetRun is one run on the wall clock.
type fleetRun struct {
	fleetFlags
	networkFlags
	tunnelWayFlags
	leaseFlags
	clientCertFlags
	watchFlags
	ownServerFlags
}

func (f *fleetRun) run(e *env, args []string) error {
	if done, err := f.lists(e); done {
		return err
	}
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	if err := f.checkTogether(); err != nil {
		return err
	}
	if f.byDHCP() && (f.given("option66") || f.given("option") || f.given("ip")) {
		return usage(errors.New("--option66, --option and --ip are for leases from flags, and these come by DHCP"), "leave them out")
	}
	shard, err := f.part()
	if err != nil {
		return err
	}
	state, err := f.openState(e, shard)
	if err != nil {
		return err
	}
	defer state.close()
	if !f.given("seed") && f.file == "" {
		f.seed = state.seed()
	}
	s, err := f.build(e)
	if err != nil {
		return err
	}
	if s.Tunnel != nil {
		return usage(errors.New("the scenario is of tunnels, and a fleet is of phones"), "provsim tunnel runs it, and provsim plan")
	}
	if err := state.fits(s, shard, f.startAt); err != nil {
		return err
	}
	for _, left := range s.PlanOnly() {
		fmt.Fprintf(e.err, "provsim: warning: left out, because it is for plans only: %s\n", left)
	}
	defer setGC(s.Filled().Devices, 200)() // transfers leave much garbage, above all those over HTTPS
	return f.drive(e, s, shard, state)
}

// drive runs the fleet and reports how it went.
func (f *fleetRun) drive(e *env, s *fleet.Scenario, shard fleet.Shard, state *fleetState) (err error) {
	epoch, err := f.start(time.Now())
	if state.goesOn() {
		epoch, err = time.Unix(0, state.kept.Started), nil
	}
	if err != nil {
		return err
	}
	inventory, err := fleet.NewInventory(s, shard)
	if err != nil {
		return usage(err, "")
	}
	net, err := f.networkFlags.open(e, inventory)
	if err != nil {
		return err
	}
	way, err := f.tunnelWayFlags.open(e, s.Seed, addresses(inventory), nil, f.mine)
	if err != nil {
		return err
	}
	defer way.close()
	if way != nil {
		net.fetchers = way.wire()
	}
	if net.here {
		defer limits.LeaveCore()()
	}
	clients, err := f.leaseFlags.open(s.Seed, func(i int) *device.Personality { return inventory.ModelOf(i).Personality }, identities(inventory)...)
	if err != nil {
		return err
	}
	defer clients.close()
	own, err := f.ownServerFlags.open(inventory.Vendors()...)
	if err != nil {
		return err
	}
	defer own.close()
	certs, err := f.clientCertFlags.open(e, f.certFlags, inventory)
	if err != nil {
		return err
	}
	saved, err := f.results(shard, state.goesOn())
	if err != nil {
		return err
	}
	defer saved.close()
	watch := limits.New(limits.DefaultThresholds(), limits.ThisMachine(net.sources()))
	drain, stop := context.WithCancel(e.ctx)
	defer stop()
	shown, err := f.watch(e, s, shard, epoch, inventory, watch, stop)
	if err != nil {
		return err
	}
	defer shown.close()

	progress := newProgress(e, s.Duration)
	result, err := fleet.Run(e.hard, s, fleet.RunOptions{
		Options: fleet.Options{
			Shard: shard, Journal: journal.Tee(append(shown.sinks(), present(saved.journal(), observer{watch})...)...), Every: time.Second,
			Progress: func(now fleet.Progress) {
				watch.Sample(now.Now)
				shown.show(now)
				progress.ran(now)
			},
		},
		Network: net, Epoch: epoch, DHCP: clients.agent,
		Recall:  certs.load,
		Resume:  state.take(),
		Keep:    state.checkpointer(),
		Lag:     func(due, now time.Duration) { watch.Woke(due, now); shown.lag(due, now) },
		Reach:   own.reach(),
		Attach:  func(d *run.Driver) { clients.listen(d); own.attach(d) },
		Control: shown.page.attach,
		Drain:   drain.Done(),
	})
	progress.close()
	if result == nil {
		return err
	}
	// A run that was interrupted reports what it has measured.
	sum, bad := summed(result, watch.Validity().Reasons)
	if bad == nil {
		bad = saved.report(e, sum, result)
	}
	return cmp.Or(err, state.failure(), bad)
}

// watch opens what shows the run while it goes on. Stop ends the run early.
func (f *fleetRun) watch(e *env, s *fleet.Scenario, shard fleet.Shard, epoch time.Time, r *fleet.Inventory, w *limits.Watch, stop func()) (*watchers, error) {
	limits, err := (&thresholdFlags{s.Thresholds}).parse()
	if err != nil {
		return nil, err
	}
	if epoch.IsZero() {
		epoch = time.Now()
	}
	about := (&fleet.Result{Scenario: s, Digest: s.Digest(), Shard: shard, Started: epoch}).Run()
	about.Version, about.Machine = version(), report.ThisMachine()
	return f.watchFlags.open(e, r, webfleet.Config{
		Run: about, Thresholds: limits, Stop: stop,
		Invalid: func() []string { return w.Validity().Reasons },
	})
}

// addresses returns the hardware addresses of all devices.
func addresses(r *fleet.Inventory) []device.MAC {
	list := make([]device.MAC, r.Len())
	for i := range list {
		list[i] = r.MAC(i)
	}
	return list
}

// identities returns the identities of all devices.
func identities(r *fleet.Inventory) []device.Identity {
	list := make([]device.Identity, r.Len())
	for i := range list {
		list[i] = r.Identity(i)
	}
	return list
}

// observer is a sink that passes the times of jobs, and the failures that this
// machine caused, to the watch.
type observer struct{ watch *limits.Watch }

func (o observer) Add(r *journal.Record) error {
	switch r.Kind {
	case device.ResyncDue, device.UpgradeDue:
		o.watch.Started(r.Due, r.T)
	}
	if r.Local {
		o.watch.Lacked(r.Note)
	}
	return nil
}

// present returns the sinks that are not nil.
func present(sinks ...journal.Sink) []journal.Sink {
	var list []journal.Sink
	for _, s := range sinks {
		if s != nil {
			list = append(list, s)
		}
	}
	return list
}
