package main

import (
	"context"
	"fmt"
	"net"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/sip"
	"provsim/internal/syslog"
	"provsim/resync"
)

// extensionFlags switch on what the vendor's guide does not describe (FV-EXT).
type extensionFlags struct{ sip, syslog string }

func (f *extensionFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.sip, "sip", "", "answer SIP NOTIFY on this UDP `ADDRESS` (FV-EXT-1); nobody is asked for a password")
	fs.StringVar(&f.syslog, "syslog", "", "send syslog messages to this UDP `HOST:PORT` (FV-EXT-2)")
}

// extensions are the sinks that the flags ask for.
type extensions struct {
	notify *notify
	log    *syslog.Sink
}

func (f *extensionFlags) open(ctx context.Context, product string) (extensions, error) {
	var x extensions
	if f.sip != "" {
		x.notify = &notify{ctx: ctx, address: f.sip}
	}
	if f.syslog != "" {
		conn, err := net.Dial("udp", f.syslog)
		if err != nil {
			return x, cannot(fmt.Errorf("--syslog: %w", err), "")
		}
		x.log = syslog.New(conn, func(device.MAC) string { return product })
	}
	return x, nil
}

func (x extensions) sinks() []journal.Sink {
	var sinks []journal.Sink
	if x.notify != nil {
		sinks = append(sinks, x.notify)
	}
	if x.log != nil {
		sinks = append(sinks, x.log)
	}
	return sinks
}

// attach says whom a NOTIFY is for. It comes before the run.
func (x extensions) attach(d *run.Driver) {
	if x.notify != nil {
		x.notify.driver = d
	}
}

func (x extensions) close() {
	if x.notify != nil {
		x.notify.close()
	}
	if x.log != nil {
		x.log.Close()
	}
}

// notify listens for SIP NOTIFY while the device has an address: in a reboot it
// answers nothing (FV-BOOT-1).
type notify struct {
	ctx     context.Context
	address string
	driver  *run.Driver
	stop    func() // ends the listening and waits until it has; nil while deaf
}

// Add opens and closes the device's ear.
func (n *notify) Add(r *journal.Record) error {
	switch {
	case r.Kind == device.Leased && n.stop == nil:
		return n.listen()
	case r.Kind == device.Rebooting:
		n.close()
	}
	return nil
}

func (n *notify) listen() error {
	conn, err := net.ListenPacket("udp", n.address)
	if err != nil {
		return cannot(fmt.Errorf("--sip: %w", err), "")
	}
	ctx, cancel := context.WithCancel(n.ctx)
	ended := make(chan struct{})
	n.stop = func() { cancel(); <-ended }
	go func() {
		defer close(ended)
		sip.Serve(ctx, conn, n.act)
	}()
	return nil
}

// act tells the device what a NOTIFY asks for.
func (n *notify) act(r sip.Request) {
	in := device.Input{Kind: device.AskResync, Cause: resync.Notify}
	if r == sip.Reboot {
		in = device.Input{Kind: device.AskReboot}
	}
	n.driver.Tell(0, in)
}

func (n *notify) close() {
	if n.stop != nil {
		n.stop()
		n.stop = nil
	}
}
