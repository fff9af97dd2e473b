package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/fleet"
	"provsim/fleet/scenario"
	"provsim/internal/limits"
	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/client"
	"provsim/internal/role/tunnel/netstack"
	"provsim/internal/sched"
)

var tunnelCommand = command{
	name:  "tunnel",
	short: "run one or many devices that keep a tunnel open to a tunnel server",
	long: `
A device opens a WebSocket to the server and does its management through it: files,
the time, syslog, SNMP, keep-alives, reports. When the tunnel ends, the device waits
a random time and opens it again. The six parameters are those of the device's page
group OVOC Tunnel; {serial} in a value is the device's serial number.

What the messages hold is provsim's own form, because the genuine one is not public:
see doc/tunnel.md before you connect to a genuine server.

  provsim tunnel --set WSTunServer=127.0.0.1:8080
  provsim tunnel --ini device.ini --ca ca.pem --for 10m
  provsim tunnel --set WSTunServer=10.0.0.5 --devices 1000 --for 10m --out results
  provsim tunnel --set WSTunServer=10.0.0.5 --scenario reconnect-storm

A line on standard input, 'set NAME=VALUE', changes a parameter: all devices close
their tunnels and open them anew.`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		t := &tunnelRun{}
		t.add(fs)
		return t.run
	},
}

func (t *tunnelRun) add(fs *pflag.FlagSet) {
	t.scenarioFlags.add(fs)
	t.tunnelFlags.add(fs)
	fs.Var(&t.devices, "devices", "how many `DEVICES` (default: the scenario's, or 1)")
	fs.DurationVar(&t.length, "for", 0, "how long the run lasts, `TIME` (default: the scenario's, or until interrupted)")
	fs.Uint64Var(&t.seed, "seed", 0, "`NUMBER` that all random draws depend on (default: the scenario's, or a random one)")
	fs.StringVar(&t.out, "out", "", "write summary.json and report.html into `DIR`")
	fs.BoolVar(&t.json, "json", false, "write the log as JSON lines to standard output, and the report to standard error")
	fs.StringVar(&t.metricsAt, "metrics", "", "serve Prometheus metrics at `ADDR`, under /metrics")
	fs.BoolVar(&t.mine, "yes-this-is-my-server", false, "allow many devices against a server whose address is not private")
	t.given = fs.Changed
}

// tunnelRun is one run of tunnelled devices.
type tunnelRun struct {
	scenarioFlags
	tunnelFlags
	devices   count
	length    time.Duration
	seed      uint64
	out       string
	json      bool
	metricsAt string
	mine      bool
	given     func(string) bool

	current atomic.Pointer[tunnel.Parameters]
}

func (t *tunnelRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	switch {
	case t.list:
		return listScenarios(e)
	case t.print != "":
		return printScenario(e, t.print)
	}
	s, err := t.scenario(e)
	if err != nil {
		return err
	}
	p, fixed, err := t.options(e)
	if err != nil {
		return err
	}
	switch u, err := p.URL(); {
	case err != nil:
		return usage(err, "provsim tunnel --set WSTunServer=ADDRESS[:PORT]")
	case s.Devices > 1:
		if err := private(e, u, t.mine); err != nil {
			return err
		}
	}
	if t.o.Fixed.IsValid() && s.Devices > 1 {
		return usage(errors.New("--address is of one device, and there are more"), "")
	}
	t.current.Store(&p)
	return t.drive(e, s, fixed)
}

// scenario returns the scenario with the flags put on it.
func (t *tunnelRun) scenario(e *env) (*fleet.Scenario, error) {
	s, err := t.scenarioFlags.load(e)
	if err != nil {
		return nil, err
	}
	if t.file == "" {
		s.Name, s.Devices, s.Duration = "tunnel", 1, sched.Never
	}
	if t.given("devices") {
		s.Devices = int(t.devices)
	}
	switch {
	case t.given("for") && t.length <= 0:
		return nil, usage(fmt.Errorf("--for %v, want a time above 0", t.length), "")
	case t.given("for"):
		s.Duration = t.length
	}
	endless := s.Duration == sched.Never
	if endless {
		s.Duration = client.Longest
	}
	if t.given("seed") {
		s.Seed = t.seed
	} else if s.Seed == 0 {
		s.Seed = randomSeed()
	}
	if s.Devices < 1 || s.Devices > tunnel.Addresses {
		return nil, usage(fmt.Errorf("--devices %d, want 1 to %d, one for each address", s.Devices, tunnel.Addresses), "")
	}
	if len(s.Phases) == 0 && s.Devices > 1 {
		s.Phases = []scenario.Phase{{Over: min(client.StartOver, s.Duration/4)}} // WT-FLT-1
	}
	if err := s.Validate(); err != nil {
		return nil, usage(err, "")
	}
	if slices.ContainsFunc(s.Events, func(e fleet.Event) bool { return e.Outage != nil }) {
		fmt.Fprintln(e.err, "provsim: warning: left out, because it is for plans only: outage; kill the server, or type 'kill all' to it")
	}
	if err := checkTunnels(s); err != nil {
		return nil, err
	}
	return s, nil
}

// of returns the serial number of a device.
func (t *tunnelRun) of(device int) uint64 { return t.serial + uint64(device) }

// parameters are those of a device.
func (t *tunnelRun) parameters(device int) tunnel.Parameters {
	p := *t.current.Load()
	number := fmt.Sprint(t.of(device))
	p.User, p.Password = strings.ReplaceAll(p.User, "{serial}", number), strings.ReplaceAll(p.Password, "{serial}", number)
	return p
}

func (t *tunnelRun) drive(e *env, s *fleet.Scenario, fixed time.Duration) error {
	if _, err := limits.RaiseDescriptors(uint64(s.Devices + 1000)); err != nil {
		fmt.Fprintf(e.err, "provsim: warning: %v\n", err)
	}
	epoch := time.Now()
	r, err := client.NewRun(s, fixed, sched.NewReal(epoch))
	if err != nil {
		return usage(err, "")
	}
	o := t.o
	o.Serial, o.Parameters, o.Learn = t.of, t.parameters, s.Devices == 1
	if t.json || s.Devices == 1 {
		o.Log = role.NewLog(e.out, t.json, epoch)
		r.Waiting = func(i, k int, wait time.Duration) {
			o.Log.Add(role.Record{
				Wall: time.Now(), Device: device.MAC(tunnel.MAC(t.of(i))), Event: "tunnel.wait",
				Note: fmt.Sprintf("k %d, due in %.3f s", k, wait.Seconds()),
			})
		}
		netstack.LogTo(func(text string) { o.Log.Add(role.Record{Wall: time.Now(), Event: "netstack", Note: text}) })
		defer netstack.LogTo(nil)
	}
	n, err := client.NewOverlay(o, r.Post)
	if err != nil {
		return cannot(err, "")
	}
	shut := sync.OnceFunc(n.Close)
	defer shut()
	metrics := client.NewMetrics()
	end, err := serveMetrics(e, t.metricsAt, metrics.Handler())
	if err != nil {
		return err
	}
	defer end()
	watch := limits.New(limits.DefaultThresholds(), limits.ThisMachine(1))
	r.Woke = watch.Woke
	progress := newProgress(e, s.Duration)
	r.Progress = func(now time.Duration, f *client.Figures) {
		watch.Sample(now)
		metrics.Show(f)
		if s.Devices > 1 {
			progress.say(now, func() string { return tunnelLine(now, s.Duration, f) })
		}
	}
	fmt.Fprintf(e.err, "provsim: %s%s\n", tunnel.Notice, o.Codec)
	go t.listen(e, r, s.Devices)
	err = r.Drive(e.ctx, n)
	progress.close()
	for range r.Figures.Outcomes[tunnel.Local] {
		watch.Lacked("a tunnel could not be opened for lack of a port, a descriptor or memory")
	}
	report := client.NewReport(s.Name, r.Figures, n)
	n.Goodbye()
	shut()
	report.Invalid = watch.Validity().Reasons
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return t.tell(e, report, n, o.Learn)
}

// listen changes parameters by lines on standard input.
func (t *tunnelRun) listen(e *env, r *client.Run, devices int) {
	readLines(e, func(line string) {
		text, isSet := strings.CutPrefix(line, "set ")
		p := *t.current.Load()
		err := errors.New("want set NAME=VALUE")
		if isSet {
			err = setParameter(&p, text)
		}
		if err != nil {
			fmt.Fprintf(e.err, "provsim: %v\n", err)
			return
		}
		t.current.Store(&p)
		for i := range devices {
			r.Changed(i)
		}
	})
}

// tell writes the report and returns the verdict.
func (t *tunnelRun) tell(e *env, report *client.Report, n *client.Overlay, learnt bool) error {
	var to io.Writer = e.out
	if t.json {
		to = e.err
	}
	if err := report.Text(to); err != nil {
		return err
	}
	if learnt {
		fmt.Fprint(to, n.Learnt())
	}
	if t.out != "" {
		if err := report.Write(t.out); err != nil {
			return cannot(err, "")
		}
		fmt.Fprintf(e.err, "provsim: results are in %s\n", t.out)
	}
	for _, reason := range report.Invalid {
		fmt.Fprintf(e.err, "provsim: INVALID: %s\n", reason)
	}
	switch {
	case len(report.Invalid) > 0:
		return &fault{code: exitInvalid}
	case e.ctx.Err() != nil:
		return e.ctx.Err()
	case report.Open < report.Devices:
		fmt.Fprintf(e.err, "provsim: %d of %d devices have no tunnel at the end\n", report.Devices-report.Open, report.Devices)
		return found()
	}
	return nil
}

// tunnelLine says in one line where a run of tunnels stands.
func tunnelLine(now, whole time.Duration, f *client.Figures) string {
	line := fmt.Sprintf("%v of %v, %d of %d tunnels open, %d connects", now.Round(time.Second), whole, f.Open, f.Devices, f.Opens)
	if n := len(f.Seconds); n > 0 {
		line += fmt.Sprintf(", %d/s", f.Seconds[n-1].Opens)
	}
	return line
}
