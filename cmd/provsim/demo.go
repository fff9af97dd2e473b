package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/journal"
	"provsim/internal/lab"
	"provsim/internal/run"
	"provsim/internal/sched"
)

var demoCommand = command{
	name:  "demo",
	short: "boot a phone against embedded servers and show what happens",
	long: `
It needs no server, no network and no privileges: DHCP, TFTP, HTTP and HTTPS
servers run on loopback for about 15 seconds. The phone really waits; its settings
make the waits short. With --web the phone has its web page and runs until you
interrupt it.

--story gateway shows a gateway that hides a phone's files behind a random
number: the gateway, the Activator, the account server and a Polycom phone.

--story manager shows how a Device Manager's actions get to AudioCodes phones: in its
own network, behind a NAT, and behind a NAT with a Device Agent. It needs addresses
of 127.0.0.0/8 beside 127.0.0.1, which Linux has.

--story ip-office shows how a Manager finds IP Office units: on its network, behind a
router, by a list, and both at once.`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		web := &webFlags{}
		web.add(fs)
		story := fs.String("story", "provisioning", "which `STORY`: provisioning, gateway, manager or ip-office")
		return func(e *env, args []string) error {
			if err := wantArgs(args, 0, 0, "none"); err != nil {
				return err
			}
			switch {
			case *story == "provisioning":
				return demo(e, web)
			case web.address != "":
				return usage(errors.New("--web belongs to --story provisioning"), "")
			case *story == "gateway":
				return gatewayStory(e)
			case *story == "manager":
				return managerStory(e)
			case *story == "ip-office":
				return ipOfficeStory(e)
			}
			return usage(fmt.Errorf("--story %q, want provisioning, gateway, manager or ip-office", *story), "")
		}
	},
}

// demoLimit is how long the demo may take.
const demoLimit = 28 * time.Second

func demo(e *env, web *webFlags) error {
	mac, err := device.ParseMAC(anyMAC)
	if err != nil {
		return err
	}
	l, err := lab.Start(lab.Config{})
	if err != nil {
		return cannot(err, "")
	}
	defer l.Close()
	s := &samples{lab: l, mac: mac, product: vendors.Default().Shipped.Product}
	steps, err := s.steps()
	if err != nil {
		return err
	}
	d, err := s.phone()
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "A Flying Voice %s takes its first steps against servers on loopback:\n  dhcp %s, tftp %s, http %s, https %s\n",
		s.product, l.Addr("dhcp"), l.Addr("tftp"), l.Addr("http"), l.Addr("https"))
	page, err := web.open(e, d)
	if err != nil {
		return err
	}
	defer page.close()
	story := &demoJournal{e: e, steps: steps, sink: journal.Tee(append(page.sinks(), journal.NewText(e.out))...)}
	until := demoLimit
	if page.Page != nil {
		until = sched.Never
		story.end = func() {
			fmt.Fprintf(e.out, "\nThe end: the phone goes on, with its page at %s, until you interrupt it.\n", page.URL())
		}
	}
	if d, err = story.lease(d, l.Addr("dhcp").String(), until, page.attach); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "\nThe end: the phone runs %s with configuration %s. Next: 'provsim help phone', to boot one against your own server.\n",
		d.Software(), d.Stored().Version)
	return nil
}

// demoStep is one step of the demo.
type demoStep struct {
	title   string
	prepare func()                     // what the administrator does first
	ends    func(*journal.Record) bool // reports whether a record ends the step
	result  string                     // what the step has shown
}

// demoJournal is a sink that prints the journal and begins the next step when one
// has ended.
type demoJournal struct {
	e     *env
	steps []demoStep // those that have not ended
	sink  journal.Sink
	end   func() // after the last step; nil: the phone is switched off
}

// lease plays with a phone that gets its lease by DHCP. Relay is where its server takes
// packets of relay agents.
func (t *demoJournal) lease(d *device.Device, relay string, until time.Duration, attach func(*run.Driver)) (*device.Device, error) {
	lease := leaseFlags{relay: relay, listen: "127.0.0.1:0"}
	clients, err := lease.open(d.Model().Seed, always(d.Model().Personality), d.Identity())
	if err != nil {
		return nil, err
	}
	defer clients.close()
	return t.play(d, run.Config{DHCP: clients.agent}, until, func(driver *run.Driver) {
		clients.listen(driver)
		if attach != nil {
			attach(driver)
		}
	})
}

// play switches a phone on and runs it through the steps, for so long at most. The
// configuration says how the phone gets its lease. Attach gets the driver before the
// run. It returns the phone as it is then.
func (t *demoJournal) play(d *device.Device, c run.Config, until time.Duration, attach func(*run.Driver)) (*device.Device, error) {
	ctx, cancel := context.WithCancel(t.e.ctx)
	defer cancel()
	if t.end == nil {
		t.end = cancel
	}
	devices := []device.Device{*d}
	c.Clock, c.Network, c.Journal, c.Epoch = sched.NewReal(d.Model().Epoch), wire(), t, d.Model().Epoch
	driver := run.New(c, devices)
	attach(driver)
	if err := t.begin(); err != nil {
		return nil, err
	}
	driver.Tell(0, device.Input{Kind: device.PowerOn})
	err := driver.Run(ctx, until)
	switch {
	case t.e.ctx.Err() != nil:
		return nil, t.e.ctx.Err()
	case len(t.steps) > 0:
		return nil, &fault{exitFound, fmt.Errorf("the phone did not get to the end of %q", t.steps[0].title), ""}
	case ctx.Err() == nil && err != nil:
		return nil, err
	}
	return &devices[0], nil
}

// Add prints one record.
func (t *demoJournal) Add(r *journal.Record) error {
	if err := t.sink.Add(r); err != nil {
		return err
	}
	if len(t.steps) == 0 || !t.steps[0].ends(r) {
		return nil
	}
	if _, err := fmt.Fprintf(t.e.out, "=> %s\n", t.steps[0].result); err != nil {
		return err
	}
	t.steps = t.steps[1:]
	if len(t.steps) == 0 {
		t.end()
		return nil
	}
	return t.begin()
}

// begin begins the first of the remaining steps.
func (t *demoJournal) begin() error {
	_, err := fmt.Fprintf(t.e.out, "\n%s\n%s\n", t.steps[0].title, strings.Repeat("-", len(t.steps[0].title)))
	t.steps[0].prepare()
	return err
}
