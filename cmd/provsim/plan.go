package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/pflag"

	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/learn/result"
	"provsim/internal/tally"
	webfleet "provsim/internal/web/fleet"
)

var planCommand = command{
	name:  "plan",
	short: "run many devices in virtual time against a modelled server",
	long: `
No packet is sent: devices, clock and server are all in this process, so a day of
a million phones takes seconds. The same seed and scenario give the same answer,
byte for byte.

What the server can do is in the scenario (workers, service times, limits); the
shipped ones explain themselves:

  provsim plan --scenario power-cut
  provsim plan --scenario power-cut --devices 100000 --fail-if 't99(provisioned) > 10m'
  provsim plan --scenario power-cut --find random-delay
  provsim plan --scenario power-cut --devices 1000000 --only 4711
  provsim plan --scenario power-cut --devices 100000 --web 127.0.0.1:8000
  provsim plan --print-scenario power-cut > morning.yaml
  provsim plan --replay learnt`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		p := &plan{}
		p.fleetFlags.add(fs)
		p.findFlags.add(fs)
		p.webFlags.addDashboard(fs)
		p.replayFlags.add(fs)
		fs.IntVar(&p.only, "only", 0, "replay the device with this `NUMBER` alone and print its journal")
		fs.Lookup("json").Usage = "print the summary, or the journal of --only, as JSON"
		return p.run
	},
}

// plan is one run in virtual time, or a search over several.
type plan struct {
	fleetFlags
	findFlags
	webFlags
	replayFlags
	only int
}

func (p *plan) run(e *env, args []string) error {
	if done, err := p.lists(e); done {
		return err
	}
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	if err := p.checkTogether(); err != nil {
		return err
	}
	if p.given("only") && p.out != "" {
		return usage(errors.New("--only prints a journal and has no results for --out"), "leave one of them out")
	}
	if p.dir != "" && p.file == "" {
		p.file = filepath.Join(p.dir, result.ScenarioFile)
	}
	s, err := p.build(e)
	if err != nil {
		return err
	}
	defer setGC(s.Filled().Devices, 100)()
	switch {
	case p.dir != "":
		return p.replay(e, s)
	case s.Tunnel != nil:
		return p.tunnels(e, s)
	case p.quantity != "":
		return p.find(e, s)
	case p.given("only"):
		return p.alone(e, s)
	}
	return p.whole(e, s)
}

// lists answers the flags that only list something.
func (f *fleetFlags) lists(e *env) (done bool, err error) {
	switch {
	case f.quirkFlags.list:
		vendor, err := f.personality(e)
		if err != nil {
			return true, err
		}
		return true, listQuirks(e, vendor)
	case f.cipherFlags.list:
		return true, listCiphers(e)
	case f.scenarioFlags.list:
		return true, listScenarios(e)
	case f.scenarioFlags.print != "":
		return true, printScenario(e, f.scenarioFlags.print)
	}
	return false, nil
}

// manyDevices is the number of devices from which memory matters most.
const manyDevices = 100_000

// setGC sets the percentage of new memory at which the garbage collector runs: 40 for
// many devices, nearly all of whose memory is in use to the end, and another one for few.
// The environment variable GOGC wins. The function that it returns undoes that.
func setGC(devices, few int) func() {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	percent := few
	if devices >= manyDevices {
		percent = 40
	}
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}

// alone replays one device and prints its journal.
func (p *plan) alone(e *env, s *fleet.Scenario) error {
	var sink journal.Sink = journal.NewText(e.out)
	if p.json {
		sink = journal.NewJSON(e.out)
	}
	_, err := fleet.Plan(e.ctx, s, fleet.Options{Only: &p.only, Journal: sink})
	return err
}

func (p *plan) whole(e *env, s *fleet.Scenario) error {
	shard, err := p.part()
	if err != nil {
		return err
	}
	// Virtual time does not depend on the clock, but a wrong time is still an error.
	if _, err := p.start(time.Now()); err != nil {
		return err
	}
	saved, err := p.results(shard, false)
	if err != nil {
		return err
	}
	defer saved.close()
	inventory, err := fleet.NewInventory(s, shard)
	if err != nil {
		return usage(err, "")
	}
	page, err := p.webFlags.openDashboard(e, webfleet.Config{Run: tally.Run{Scenario: s.Name}, Inventory: inventory})
	if err != nil {
		return err
	}
	defer page.close()
	progress := newProgress(e, s.Duration)
	result, err := fleet.Plan(e.ctx, s, fleet.Options{
		Shard: shard, Journal: together(append(page.sinks(), present(saved.journal())...)), Every: max(s.Duration/200, time.Second), Progress: progress.planned,
	})
	progress.close()
	if err != nil {
		return err
	}
	sum, err := summed(result, nil)
	if err != nil {
		return err
	}
	err = saved.report(e, sum, result)
	if page.Page != nil {
		page.Show(sum, result.Tally)
		page.linger(e)
	}
	return err
}

// together returns one sink for all of the sinks. Without sinks it is nil, which
// costs a plan nothing.
func together(sinks []journal.Sink) journal.Sink {
	if len(sinks) == 0 {
		return nil
	}
	return journal.Tee(sinks...)
}
