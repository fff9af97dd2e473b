package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime/pprof"
	"strconv"
	"time"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/encrypt"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/internal/journal"
	"provsim/internal/limits"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/internal/source"
	"provsim/profile"
	"provsim/resync"
)

// A fleetLoad is what one contender does: transfers in a closed loop, so many
// at once, for a while.
type fleetLoad struct {
	rule     string // the phones' Profile Rule
	parallel int
	length   time.Duration
	burst    bool // each phone once, all at the same time, until the last is done
	phones   int
	certs    string // directory of the certificates; empty: none are needed
	profile  string // file for a CPU profile; empty: none is wanted
}

// fleetVersion is in the phones' memory and in the file: the whole job is done,
// and ends with the version gate (FV-CFG-3), not with a reboot.
const fleetVersion = "2208"

// quietPhone are settings of a phone that resyncs when it is asked to, and at no
// other time.
const quietPhone = `DBID_PRV_OPTION66_ENABLED=0
DBID_PROFILE_RULE=%s
DBID_RESYNC_ON_RESET=0
DBID_RESYNC_PERIODIC=0
DBID_RESYNC_ERROR_RETRY_DELAY=0
`

func parseFleetLoad(args []string) (l fleetLoad, err error) {
	fs := flag.NewFlagSet("fleet-load", flag.ContinueOnError)
	fs.StringVar(&l.rule, "rule", "", "")
	fs.IntVar(&l.parallel, "parallel", 64, "")
	fs.DurationVar(&l.length, "for", 2*time.Second, "")
	fs.BoolVar(&l.burst, "burst", false, "")
	fs.IntVar(&l.phones, "phones", 2000, "")
	fs.StringVar(&l.certs, "certs", "", "")
	fs.StringVar(&l.profile, "profile", "", "")
	if err := fs.Parse(args); err != nil {
		return l, err
	}
	// One that is asked while it is busy does nothing more (FV-RS-9), so that some
	// are always idle.
	l.phones = max(l.phones, 4*l.parallel)
	if l.burst {
		l.phones = l.parallel
	}
	return l, nil
}

// fleetLoadMain is what the contender provsim runs in a process of its own: the
// phones with their real fetchers, driven like any others, and a journal. It
// prints what was done in how many seconds.
func fleetLoadMain(ctx context.Context, to io.Writer, args []string) error {
	l, err := parseFleetLoad(args)
	if err != nil {
		return err
	}
	devices, err := l.devices()
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(memory(), "provsim-bench-journal-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<16)
	loop := newClosedLoop(journal.NewJSON(out), l.phones)
	loop.once = l.burst
	loop.driver = l.driver(devices, loop)
	took, err := l.run(ctx, loop)
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	return report(to, loop.done, loop.failed, loop.why, took)
}

// driver returns one of phones whose sockets are those of a fleet.
func (l fleetLoad) driver(devices []device.Device, loop *closedLoop) *run.Driver {
	sockets := &source.Dialer{}
	w := &web.Client{DialContext: sockets.DialContext}
	epoch := time.Now()
	return run.New(run.Config{
		Clock:   sched.NewReal(epoch),
		Network: run.Wire{"tftp": tftp.Client{Listen: sockets.Listen}, "http": w, "https": w},
		Journal: loop,
		Stop:    func(*device.Device) bool { return l.burst && loop.done+loop.failed == l.phones },
		Epoch:   epoch,
		Lease:   func(int, *device.Device) device.Lease { return device.Lease{Addr: netip.IPv6Loopback()} },
	}, devices)
}

// run drives the phones for the load's length and returns how long that was.
func (l fleetLoad) run(ctx context.Context, loop *closedLoop) (took time.Duration, err error) {
	for i := range l.phones {
		loop.driver.Tell(i, device.Input{Kind: device.PowerOn})
	}
	for range l.parallel {
		loop.next()
	}
	if l.profile != "" {
		stop, err := startProfile(l.profile)
		if err != nil {
			return 0, err
		}
		defer stop()
	}
	if l.certs != "" {
		defer limits.LeaveCore()() // as the command does for a server on its machine
	}
	start := time.Now()
	err = loop.driver.Run(ctx, l.length)
	return time.Since(start), err
}

// startProfile writes where the processor's time goes, for go tool pprof.
func startProfile(path string) (stop func(), err error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); file.Close() }, nil
}

// report prints the figures of a load that runs in a process of its own.
func report(to io.Writer, done, failed int, why string, took time.Duration) error {
	_, err := fmt.Fprintf(to, "%d done, %d failed, in %.3f seconds %s\n", done, failed, took.Seconds(), why)
	return err
}

// devices makes the phones, whose memory holds the file's version already.
func (l fleetLoad) devices() ([]device.Device, error) {
	model := device.NewModel(&flyingvoice.Personality, encrypt.Ciphers()[0])
	model.Seed, model.Timeout, model.Memo = 1, 30*time.Second, device.NewMemo()
	settings, err := profile.ParseConfig(fmt.Appendf(nil, quietPhone, l.rule))
	if err != nil {
		return nil, err
	}
	all := make([]device.Device, l.phones)
	for i := range all {
		stored := &device.Stored{Version: fleetVersion, Config: settings}
		id := flyingvoice.Personality.Shipped
		id.MAC = macOf(i)
		if l.certs != "" {
			stored.Certificates = &device.Certificates{}
			if err := readCertificates(l.certs, i, stored.Certificates); err != nil {
				return nil, err
			}
		}
		all[i] = *device.New(model, id, stored)
	}
	return all, nil
}

// closedLoop is a sink that asks for the next resync when one ends. The phones
// take turns: whose resync ended last is asked last.
type closedLoop struct {
	sink         journal.Sink
	driver       *run.Driver
	idle         chan int // phones that are not asked; it has room for all of them
	once         bool     // nobody is asked again
	done, failed int
	why          string // a failure
}

func newClosedLoop(sink journal.Sink, phones int) *closedLoop {
	c := &closedLoop{sink: sink, idle: make(chan int, phones)}
	for i := range phones {
		c.idle <- i
	}
	return c
}

func (c *closedLoop) Add(r *journal.Record) error {
	if r.Kind == device.ResyncDone {
		if r.Outcome == resync.Unchanged {
			c.done++
		} else {
			c.failed++
			c.why = r.Outcome.String() + " " + strconv.Quote(r.Note)
		}
		if !c.once {
			c.idle <- int(r.Number)
			c.next()
		}
	}
	return c.sink.Add(r)
}

func (c *closedLoop) next() {
	c.driver.Tell(<-c.idle, device.Input{Kind: device.AskResync, Cause: resync.Person})
}

// macOf and phoneOf give a phone its address and find it by that.
func macOf(phone int) device.MAC {
	return device.MAC{0, 0x21, 0xf2, byte(phone >> 16), byte(phone >> 8), byte(phone)}
}

func phoneOf(mac device.MAC) int { return int(mac[3])<<16 | int(mac[4])<<8 | int(mac[5]) }
