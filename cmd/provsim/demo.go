package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/internal/journal"
	"provsim/internal/lab"
	"provsim/internal/run"
	"provsim/internal/sched"
)

var demoCommand = command{
	name:  "demo",
	short: "boot a phone against embedded servers and tell what happens",
	long: `
It needs no server, no network and no privileges: TFTP, HTTP and HTTPS servers
run on loopback for as long as it takes, which is some 15 seconds. All waits of
the phone are real, and short because its settings say so. With --web the phone
has its web page, and goes on after the story until it is interrupted.`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		web := &webFlags{}
		web.add(fs)
		return func(e *env, args []string) error {
			if err := wantArgs(args, 0, 0, "none"); err != nil {
				return err
			}
			return demo(e, web)
		}
	},
}

// demoLimit is when a story that does not come to its end is given up.
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
	s := &stage{lab: l, mac: mac, product: flyingvoice.Personality.Shipped.Product}
	scenes, err := s.scenes()
	if err != nil {
		return err
	}
	d, err := s.phone()
	if err != nil {
		return err
	}
	lease := leaseFlags{relay: l.Addr("dhcp").String(), listen: "127.0.0.1:0"}
	leaser, err := lease.open(d.Model().Seed, mac)
	if err != nil {
		return err
	}
	defer leaser.close()
	fmt.Fprintf(e.out, "A Flying Voice %s takes its first steps against servers on loopback:\n  dhcp %s, tftp %s, http %s, https %s\n",
		s.product, l.Addr("dhcp"), l.Addr("tftp"), l.Addr("http"), l.Addr("https"))
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	devices := []device.Device{*d}
	teller := &teller{e: e, scenes: scenes, text: journal.NewText(e.out), end: cancel}
	until := demoLimit
	page, err := web.open(e, d)
	if err != nil {
		return err
	}
	defer page.close()
	if page.Page != nil {
		until = sched.Never
		teller.end = func() {
			fmt.Fprintf(e.out, "\nThe end: the phone goes on, with its page at %s, until you interrupt it.\n", page.URL())
		}
	}
	driver := run.New(run.Config{
		Clock: sched.NewReal(d.Model().Epoch), Network: wire(), Journal: journal.Tee(append(page.sinks(), teller)...), Epoch: d.Model().Epoch,
		DHCP: leaser.agent,
	}, devices)
	leaser.listen(driver)
	page.attach(driver)
	if err := teller.open(); err != nil {
		return err
	}
	driver.Tell(0, device.Input{Kind: device.PowerOn})
	err = driver.Run(ctx, until)
	switch {
	case e.ctx.Err() != nil:
		return e.ctx.Err()
	case len(teller.scenes) > 0:
		return &fault{exitFound, fmt.Errorf("the phone did not get to the end of %q", teller.scenes[0].title), ""}
	case ctx.Err() == nil && err != nil:
		return err
	}
	fmt.Fprintf(e.out, "\nThe end: the phone runs %s with configuration %s. Next: 'provsim help phone', to boot one against your own server.\n",
		devices[0].Software(), devices[0].Stored().Version)
	return nil
}

// scene is a step of the story: what the administrator does, and by which
// record of the journal one sees that it worked.
type scene struct {
	title string
	acts  func()
	ends  func(*journal.Record) bool
	moral string
}

// teller writes the journal and raises the curtain for the next scene when one
// has ended. It is the run's only sink.
type teller struct {
	e      *env
	scenes []scene // those that have not ended
	text   *journal.Text
	end    func()
}

// Add tells one record.
func (t *teller) Add(r *journal.Record) error {
	if err := t.text.Add(r); err != nil {
		return err
	}
	if len(t.scenes) == 0 || !t.scenes[0].ends(r) {
		return nil
	}
	if _, err := fmt.Fprintf(t.e.out, "=> %s\n", t.scenes[0].moral); err != nil {
		return err
	}
	t.scenes = t.scenes[1:]
	if len(t.scenes) == 0 {
		t.end()
		return nil
	}
	return t.open()
}

// open begins the first of the remaining scenes.
func (t *teller) open() error {
	t.scenes[0].acts()
	_, err := fmt.Fprintf(t.e.out, "\n%s\n%s\n", t.scenes[0].title, strings.Repeat("-", len(t.scenes[0].title)))
	return err
}
