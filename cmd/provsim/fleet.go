package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/limits"
	"provsim/internal/run"
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

  provsim fleet --devices 1000 --for 10m --profile-rule 'http://10.0.0.5/$MA.cfg'
  provsim fleet --scenario power-cut --option66 10.0.0.5 --out results --metrics :9090
  provsim fleet --scenario morning.yaml --source-ips 10.0.64.0/18 --state fleet.state`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		f := &fleetRun{}
		f.fleetFlags.add(fs)
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
	if !f.given("seed") && f.file == "" {
		f.seed = randomSeed()
	}
	s, err := f.build()
	if err != nil {
		return err
	}
	for _, left := range s.PlanOnly() {
		fmt.Fprintf(e.err, "provsim: warning: left out, because it is for plans only: %s\n", left)
	}
	defer thrifty()()
	return f.drive(e, s)
}

// drive runs the fleet and reports how it went.
func (f *fleetRun) drive(e *env, s *fleet.Scenario) (err error) {
	shard, err := f.part()
	if err != nil {
		return err
	}
	epoch, err := f.start(time.Now())
	if err != nil {
		return err
	}
	roster, err := s.Roster(shard)
	if err != nil {
		return usage(err, "")
	}
	net, err := f.wireFlags.open(e, roster)
	if err != nil {
		return err
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
	saved, err := f.results(shard)
	if err != nil {
		return err
	}
	defer saved.close()
	watch := limits.New(limits.DefaultThresholds(), limits.ThisMachine(net.sources()))
	shown, err := f.watchFlags.open(e, roster)
	if err != nil {
		return err
	}
	defer shown.close()

	progress := newProgress(e, s.Duration)
	result, err := fleet.Run(e.hard, s, fleet.RunOptions{
		Options: fleet.Options{
			Shard: shard, Journal: journal.Tee(present(saved.journal(), shown.sink(), local{watch})...), Every: time.Second,
			Progress: func(now fleet.Progress) {
				watch.Sample(now.Now)
				shown.show(now)
				progress.ran(now)
			},
		},
		Network: net, Epoch: epoch, DHCP: leaser.agent,
		Recall: memory.recall,
		Lag:    func(due, now time.Duration) { watch.Started(due, now); shown.lag(due, now) },
		Attach: func(d *run.Driver) { leaser.listen(d) },
		Drain:  e.ctx.Done(),
	})
	progress.close()
	if result == nil {
		return err
	}
	// What has been measured until an interrupt is told as well.
	if reported := saved.report(e, result, watch.Verdict().Reasons); err == nil {
		return reported
	}
	return err
}

// addresses returns the hardware addresses of all devices.
func addresses(r *fleet.Roster) []device.MAC {
	list := make([]device.MAC, r.Len())
	for i := range list {
		list[i] = r.MAC(i)
	}
	return list
}

// local tells the watch of failures that were this machine's.
type local struct{ watch *limits.Watch }

func (l local) Add(r *journal.Record) error {
	if r.Local {
		l.watch.Lacked(r.Note)
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
