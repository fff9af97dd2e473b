package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/fetch/ftp"
	"provsim/internal/fetch/pnp"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/internal/journal"
	"provsim/internal/role"
	"provsim/internal/run"
	"provsim/internal/sched"
)

var phoneCommand = command{
	name:  "phone",
	short: "run one device against a real server",
	long: `
Without --once or --for it runs until it is interrupted. On a terminal it shows
what the device does and waits for; keys: r resync, b reboot, l line 1 off and
on hook, q quit. Elsewhere it prints the journal, one line for each event.

With --once it ends after the first resync attempt and what follows from it
without a timer: an upgrade, or the reboot after an applied file, which takes
--boot-time. The outcome's word goes to standard error; the exit
code is 0 for a success and 1 for a failure.

With --web the phone has its web page, on which you provision it as the vendor's
guide says.

  provsim phone --once --option66 192.0.2.1 --set 'Resync Random Delay=0'
  provsim phone --dhcp-relay 192.0.2.1
  provsim phone --web 127.0.0.1:8000
  provsim phone --profile-rule 'https://prov.example.com/$MAU.conf' \
      --ca cacert.pem --cert sslclientcert.pem --key sslclientkey.pem`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		p := &phone{}
		p.deviceFlags.add(fs)
		p.leaseFlags.add(fs)
		p.extensionFlags.add(fs)
		p.webFlags.add(fs)
		p.tunnelWayFlags.add(fs)
		p.ownServerFlags.add(fs)
		fs.BoolVar(&p.once, "once", false, "end after the first resync attempt and what follows from it")
		fs.DurationVar(&p.length, "for", 0, "end after this `TIME`")
		fs.BoolVar(&p.json, "json", false, "print the journal as JSON lines")
		return p.run
	},
}

// phone is one run of one device.
type phone struct {
	deviceFlags
	leaseFlags
	extensionFlags
	webFlags
	tunnelWayFlags
	ownServerFlags
	once   bool
	length time.Duration
	json   bool
}

func (p *phone) run(e *env, args []string) error {
	switch {
	case p.quirkFlags.list:
		vendor, err := p.personality(e)
		if err != nil {
			return err
		}
		return listQuirks(e, vendor)
	case p.cipherFlags.list:
		return listCiphers(e)
	case p.byDHCP() && (p.given("option66") || p.given("option") || p.given("ip")):
		return usage(errors.New("--option66, --option and --ip are for a lease from flags, and this one comes by DHCP"), "leave them out")
	case p.given("for") && p.length <= 0:
		return usage(fmt.Errorf("--for %v, want a time above 0", p.length), "")
	}
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	state, err := openPhoneState(p.state)
	if err != nil {
		return err
	}
	defer state.close()
	d, lease, err := p.device(e, state)
	if err != nil {
		return err
	}
	return p.drive(e, d, lease, state)
}

// device makes the device that the flags describe, and the lease that they
// give it.
func (p *phone) device(e *env, state phoneState) (*device.Device, device.Lease, error) {
	none := device.Lease{}
	vendor, err := p.personality(e)
	if err != nil {
		return nil, none, err
	}
	id, err := p.identity(vendor)
	if err != nil {
		return nil, none, err
	}
	if !p.given("seed") {
		p.seed = randomSeed()
	}
	model, lease, err := p.build(e, vendor)
	if err != nil {
		return nil, none, err
	}
	model.Epoch = time.Now()
	stored, err := state.recall(id.MAC)
	if err != nil {
		return nil, none, err
	}
	fresh, err := p.fresh(e, model, stored)
	if err != nil {
		return nil, none, err
	}
	return device.New(model, id, fresh), lease, nil
}

func randomSeed() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// drive runs the device on the wall clock and reports how it went.
func (p *phone) drive(e *env, d *device.Device, lease device.Lease, state phoneState) error {
	ctx, end := context.WithCancelCause(e.ctx)
	defer end(nil)
	seen := &phoneOutcome{once: p.once}
	extras, err := p.extensionFlags.open(ctx, d)
	if err != nil {
		return err
	}
	defer extras.close()
	clients, err := p.leaseFlags.open(p.seed, always(d.Model().Personality), d.Identity())
	if err != nil {
		return err
	}
	defer clients.close()
	page, err := p.webFlags.open(e, d)
	if err != nil {
		return err
	}
	defer page.close()
	own, err := p.ownServerFlags.open(d.Model().Personality)
	if err != nil {
		return err
	}
	defer own.close()
	way, err := p.tunnelWayFlags.open(e, p.seed, []device.MAC{d.Identity().MAC}, role.NewLog(e.err, false, d.Model().Epoch), true)
	if err != nil {
		return err
	}
	defer way.close()
	fetchers := wire()
	if way != nil {
		fetchers = way.wire()
	}
	view, err := p.view(e, page)
	if err != nil {
		return err
	}
	defer view.close()

	driver := run.New(run.Config{
		Clock:   sched.NewReal(d.Model().Epoch),
		Network: fetchers,
		Journal: journal.Tee(slices.Concat(extras.sinks(), page.sinks(), []journal.Sink{seen, view})...),
		Epoch:   d.Model().Epoch,
		Lease:   func(int, *device.Device) device.Lease { return lease },
		DHCP:    clients.agent,
		Save:    state.save,
		Reach:   own.reach(),
		Stop:    seen.stop,
		Observe: extras.observe,
	}, []device.Device{*d})
	clients.listen(driver)
	if clients.agent != nil && p.once {
		defer giveUp(driver, end)()
	}
	extras.attach(driver)
	page.attach(driver)
	own.attach(driver)
	view.start(ctx, end, driver)
	driver.Tell(0, device.Input{Kind: device.PowerOn})
	until := sched.Never
	if p.length > 0 {
		until = p.length
	}
	err = driver.Run(ctx, until)
	view.close() // before anything is said
	switch context.Cause(ctx) {
	case errQuit:
		return seen.report(e)
	case errInterrupted:
		return &fault{code: exitInterrupted}
	case errNoLease:
		return withoutLease
	}
	if err != nil {
		return err
	}
	return seen.report(e)
}

// wire fetches from real servers.
func wire() run.Wire {
	w := &web.Client{}
	return run.Wire{"tftp": &tftp.Client{}, "http": w, "https": w, "ftp": &ftp.Client{}, "pnp": pnp.Client{}}
}

// Why a person ends a run by a key.
var errQuit, errInterrupted = errors.New("quit"), errors.New("interrupted")

// view shows a run: as lines, or as a screen with keys.
type view interface {
	journal.Sink
	start(ctx context.Context, end func(error), d *run.Driver)
	close()
}

func (p *phone) view(e *env, page webPage) (view, error) {
	switch {
	case p.json:
		return lines{journal.NewJSON(e.out)}, nil
	case !p.once && isTerminal(e):
		return newScreen(e, page.address())
	}
	return lines{journal.NewText(e.out)}, nil
}

// lines prints the journal.
type lines struct{ journal.Sink }

func (lines) start(context.Context, func(error), *run.Driver) {}
func (lines) close()                                          {}
