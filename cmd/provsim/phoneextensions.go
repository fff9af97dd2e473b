package main

import (
	"context"
	"fmt"
	"net"
	"time"

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
	fs.StringVar(&f.sip, "sip", "", "answer SIP NOTIFY on this UDP `ADDRESS` (FV-EXT-1); a password is asked for where the vendor's phones do")
	fs.StringVar(&f.syslog, "syslog", "", "send syslog messages to this UDP `HOST:PORT` (FV-EXT-2)")
}

// extensions are the sinks that the flags ask for.
type extensions struct {
	notify *notify
	log    *syslog.Sink
	own    *syslog.Sender // of the messages that the phone's settings ask for; nil: the vendor's phones send none
}

func (f *extensionFlags) open(ctx context.Context, d *device.Device) (extensions, error) {
	var x extensions
	if f.sip != "" {
		if err := checkListen("sip", f.sip); err != nil {
			return x, err
		}
		x.notify = &notify{ctx: ctx, address: f.sip, vendor: d.Model().Personality}
	}
	if f.syslog != "" {
		conn, err := net.Dial("udp", f.syslog)
		if err != nil {
			return x, cannot(fmt.Errorf("--syslog: %w", err), "")
		}
		x.log = syslog.New(conn, func(device.MAC) string { return d.Product().Name })
	}
	if d.Model().Personality.Syslog != nil {
		x.own = syslog.NewSender()
	}
	return x, nil
}

// observe sends what the phone itself says about an event.
func (x extensions) observe(d *device.Device, e *device.Event) {
	if x.own == nil {
		return
	}
	if server, text := d.Model().Personality.Syslog(d, e); text != "" {
		x.own.Send(server, text)
	}
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

// attach says which device a NOTIFY is for. It comes before the run.
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
	if x.own != nil {
		x.own.Close()
	}
}

// notify listens for SIP NOTIFY while the device has an address: in a reboot it
// answers nothing (FV-BOOT-1).
type notify struct {
	ctx     context.Context
	address string
	vendor  *device.Personality
	driver  *run.Driver
	stop    func() // ends the listening and waits until it has; nil while the phone does not listen
}

// Add opens and closes the device's SIP port.
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
		return cannotListen("sip", err)
	}
	ctx, cancel := context.WithCancel(n.ctx)
	ended := make(chan struct{})
	n.stop = func() { cancel(); <-ended }
	go func() {
		defer close(ended)
		h := sip.Handlers{Act: n.act, Refused: n.refused}
		if n.vendor.Notify != nil {
			h.Read = func(event string) (sip.Request, bool) { return n.read(ctx, event) }
		}
		if n.vendor.NotifyFrom != nil {
			h.From = func(user string) (*sip.Account, bool) { return n.from(ctx, user) }
		}
		sip.Serve(ctx, conn, h)
	}()
	return nil
}

// requests are what the inputs of a personality are called in SIP.
var requests = map[device.InputKind]sip.Request{
	device.AskResync: sip.Resync, device.AskReboot: sip.Reboot, device.AskReport: sip.Report,
}

// read reads an event as the vendor's phones do.
func (n *notify) read(ctx context.Context, event string) (sip.Request, bool) {
	var kind device.InputKind
	var known bool
	if !n.look(ctx, func(d *device.Device) { kind, known = n.vendor.Notify(d.Stored().Config, event) }) {
		return 0, false
	}
	return requests[kind], known
}

// from asks the phone who may send it a NOTIFY. Where the phone does not answer any
// more, it takes none.
func (n *notify) from(ctx context.Context, user string) (*sip.Account, bool) {
	var account *device.Account
	var takes bool
	if !n.look(ctx, func(d *device.Device) { account, takes = n.vendor.NotifyFrom(d, user) }) {
		return nil, false
	}
	return (*sip.Account)(account), takes
}

// look calls f with the phone, and reports whether it has: not where the listening ends
// before. What f has set may be read only then.
func (n *notify) look(ctx context.Context, f func(*device.Device)) bool {
	done := make(chan struct{})
	n.driver.Look(0, func(d *device.Device, _ time.Duration) {
		f(d)
		close(done)
	})
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// act tells the device what a NOTIFY asks for.
func (n *notify) act(r sip.Request) {
	in := device.Input{Kind: device.AskResync, Cause: resync.Notify}
	switch r {
	case sip.Reboot:
		in = device.Input{Kind: device.AskReboot}
	case sip.Report:
		in.Kind = device.AskReport
	}
	n.driver.Tell(0, in)
}

// refused puts a note about a request that was refused into the journal.
func (n *notify) refused(note string) {
	n.driver.Tell(0, device.Input{Kind: device.Remark, Note: note})
}

func (n *notify) close() {
	if n.stop != nil {
		n.stop()
		n.stop = nil
	}
}
