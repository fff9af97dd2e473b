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
	name:  "fleet",
	short: "run many devices against a real server, on the wall clock",
	long: `
Devices are simulated; the packets are real. A run says itself when this machine
and not the server was the limit: it is then INVALID, and the exit code is 4.

Targets have to be private addresses: a fleet on somebody else's server is an
attack. The first interrupt starts nothing new and waits for the transfers in
flight, the second ends them.

With --state a run that was stopped or killed goes on when it is started again
with the same flags: at the instant of the run at which it was left, with each
phone's version, timers and lease. The time between does not count. After a run's
end a new one begins with what its phones have stored.

  provsim fleet --devices 1000 --for 10m --profile-rule 'http://10.0.0.5/$MA.cfg'
  provsim fleet --scenario power-cut --option66 10.0.0.5 --out results --metrics :9090
  provsim fleet --scenario morning.yaml --source-ips 10.0.64.0/18 --state fleet.state
  provsim fleet --scenario power-cut --option66 10.0.0.5 --web 127.0.0.1:8000`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		f := &fleetRun{}
		f.fleetFlags.add(fs)
		fs.Lookup("state").Usage = "keep the run in `DIR`, and go on with what is kept there (default: in memory only)"
		f.wireFlags.add(fs)
		f.leaseFlags.add(fs)
		f.memoryFlags.add(fs)
		f.watchFlags.add(fs)
		return f.run
	},
}

// fleetRun is one run on the wall clock.
type fleetRun struct {
	fleetFlags
	wireFlags
	leaseFlags
	memoryFlags
	watchFlags
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
	if f.byDHCP() && (f.given("option66") || f.given("ip")) {
		return usage(errors.New("--option66 and --ip are for leases from flags, and these come by DHCP"), "leave them out")
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
	s, err := f.build()
	if err != nil {
		return err
	}
	if err := state.fits(s, shard, f.startAt); err != nil {
		return err
	}
	for _, left := range s.PlanOnly() {
		fmt.Fprintf(e.err, "provsim: warning: left out, because it is for plans only: %s\n", left)
	}
	defer thrifty(s.Devices)()
	return f.drive(e, s, shard, state)
}

// drive runs the fleet and reports how it went.
func (f *fleetRun) drive(e *env, s *fleet.Scenario, shard fleet.Shard, state *fleetState) (err error) {
	epoch, err := f.start(time.Now())
	if err != nil {
		return err
	}
	if state.goesOn() {
		epoch = time.Unix(0, state.kept.Started)
	}
	roster, err := s.Roster(shard)
	if err != nil {
		return usage(err, "")
	}
	net, err := f.wireFlags.open(e, roster)
	if err != nil {
		return err
	}
	if net.here {
		defer limits.LeaveCore()()
	}
	leaser, err := f.leaseFlags.open(s.Seed, addresses(roster)...)
	if err != nil {
		return err
	}
	defer leaser.close()
	memory, err := f.memoryFlags.open(e, f.certFlags, roster)
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
	shown, err := f.watch(e, s, shard, epoch, roster, watch, stop)
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
		Network: net, Epoch: epoch, DHCP: leaser.agent,
		Recall:  memory.recall,
		Resume:  state.take(),
		Keep:    state.keeper(),
		Lag:     func(due, now time.Duration) { watch.Woke(due, now); shown.lag(due, now) },
		Attach:  func(d *run.Driver) { leaser.listen(d) },
		Control: shown.page.attach,
		Drain:   drain.Done(),
	})
	progress.close()
	if result == nil {
		return err
	}
	// What has been measured until an interrupt is told as well.
	sum, bad := summed(result, watch.Verdict().Reasons)
	if bad == nil {
		bad = saved.report(e, sum, result)
	}
	return cmp.Or(err, state.verdict(), bad)
}

// watch opens what shows the run while it goes on. Stop ends the run early.
func (f *fleetRun) watch(e *env, s *fleet.Scenario, shard fleet.Shard, epoch time.Time, r *fleet.Roster, w *limits.Watch, stop func()) (*watchers, error) {
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
		Invalid: func() []string { return w.Verdict().Reasons },
	})
}

// addresses returns the hardware addresses of all devices.
func addresses(r *fleet.Roster) []device.MAC {
	list := make([]device.MAC, r.Len())
	for i := range list {
		list[i] = r.MAC(i)
	}
	return list
}

// observer tells the watch when jobs fell due, and of failures that were this
// machine's.
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

// present returns the sinks that are there.
func present(sinks ...journal.Sink) []journal.Sink {
	var list []journal.Sink
	for _, s := range sinks {
		if s != nil {
			list = append(list, s)
		}
	}
	return list
}
