package run

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/sched"
	"provsim/profile"
	"provsim/resync"
)

// phones returns devices with short delays and one seed.
func phones(t *testing.T, n int, settings ...string) []device.Device {
	m := device.NewModel(vendors.Default(), encrypt.Ciphers()[0])
	m.Seed = 42
	var config profile.Config
	for _, s := range append([]string{"DBID_RESYNC_PERIODIC=600", "DBID_RESYNC_ERROR_RETRY_DELAY=60"}, settings...) {
		name, value, _ := strings.Cut(s, "=")
		var err error
		if config, err = config.With(name, value); err != nil {
			t.Fatal(err)
		}
	}
	shipped := m.Personality.Shipped
	mk := &device.Product{Name: shipped.Product, Hardware: shipped.Hardware, Software: shipped.Software}
	devices := make([]device.Device, n)
	for i := range devices {
		devices[i].Init(m, mk, device.MAC{0, 0x21, 0xf2, 0, byte(i >> 8), byte(i)}, &device.Stored{Config: config})
	}
	return devices
}

func lease(int, *device.Device) device.Lease {
	return device.Lease{Addr: netip.MustParseAddr("192.0.2.10"), Offer: device.TextOffer(66, "192.0.2.1")}
}

// model models a server: it answers each request after a while that
// depends on the request, and changes its file every 20 minutes.
type model struct{}

func (m model) Start(now time.Duration, req *device.Request, d Delivery) {
	version := int(now / (20 * time.Minute))
	if version == 2 {
		d.After(3*time.Second, &device.Reply{Outcome: resync.Timeout})
		return
	}
	body := fmt.Appendf(nil, "DBID_DBASE_VERSION=%d\n", version)
	d.After(time.Duration(len(req.UserAgent()))*time.Millisecond, &device.Reply{Body: body, Bytes: int64(len(body))})
}

// trace runs three phones for three hours, with a call and a reboot, and returns
// their journal as JSON lines.
func trace(t *testing.T, clock sched.Clock) string {
	var text strings.Builder
	d := New(Config{Clock: clock, Network: model{}, Journal: journal.NewJSON(&text), Lease: lease}, phones(t, 3))
	for i := range 3 {
		d.Tell(i, device.Input{Kind: device.PowerOn})
	}
	d.At(1, 5*time.Minute, device.Input{Kind: device.SetLine, Line: 1, Active: true})
	d.At(1, 31*time.Minute, device.Input{Kind: device.SetLine, Line: 1})
	d.At(2, 32*time.Minute, device.Input{Kind: device.AskReboot})
	if err := d.Run(t.Context(), 3*time.Hour); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// One loop drives a phone in real time and in virtual time, and the journals are
// the same to the byte.
func TestSameTraceUnderBothClocks(t *testing.T) {
	virtual := trace(t, &sched.Virtual{})
	var actual string
	synctest.Test(t, func(t *testing.T) { actual = trace(t, sched.NewReal(time.Now())) })
	if diff := cmp.Diff(virtual, actual); diff != "" {
		t.Errorf("virtual (-) and real (+) time differ:\n%s", diff)
	}
	for _, word := range []string{`"outcome":"applied"`, `"outcome":"unchanged"`, `"outcome":"timeout"`, `"event":"resync.wait"`, `"cause":"request"`} {
		if !strings.Contains(virtual, word) {
			t.Errorf("the run never came to %s", word)
		}
	}
}

// A device's journal does not depend on who runs beside it.
func TestADeviceCanBeReplayedAlone(t *testing.T) {
	run := func(devices []device.Device) map[device.MAC][]journal.Record {
		clock, memory := &sched.Virtual{}, &journal.Memory{}
		d := New(Config{Clock: clock, Network: model{}, Journal: memory, Lease: lease}, devices)
		for i := range devices {
			d.Tell(i, device.Input{Kind: device.PowerOn})
		}
		if err := d.Run(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		by := map[device.MAC][]journal.Record{}
		for _, r := range memory.Records {
			r.Number = 0 // among fewer devices it has another one
			by[r.Device] = append(by[r.Device], r)
		}
		return by
	}
	all := phones(t, 50)
	mac := all[17].Identity().MAC
	together, alone := run(all)[mac], run(phones(t, 50)[17:18])[mac]
	if diff := cmp.Diff(alone, together); diff != "" || len(alone) < 10 {
		t.Errorf("alone (-) and with others (+), %d records:\n%s", len(alone), diff)
	}
}

// hanging is a server that never answers; it tells when a transfer begins and
// when it is given up.
type hanging struct{ begun, given chan string }

func (h hanging) Fetch(ctx context.Context, req device.Request) device.Reply {
	h.begun <- req.URL()
	<-ctx.Done()
	h.given <- req.URL()
	return device.Reply{Outcome: resync.Timeout}
}

// A reboot gives up the transfer in flight, and its late reply changes nothing.
func TestRebootCancelsTheTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hanging{make(chan string), make(chan string, 1)}
		memory := &journal.Memory{}
		d := New(Config{
			Clock: sched.NewReal(time.Now()), Network: Wire{"tftp": h}, Journal: memory, Lease: lease,
		}, phones(t, 1, "DBID_RESYNC_RANDOM_DELAY=0"))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.Run(ctx, sched.Never) }()
		d.Tell(0, device.Input{Kind: device.PowerOn})
		<-h.begun
		d.Tell(0, device.Input{Kind: device.AskReboot})
		<-h.given
		<-h.begun // after the reboot it asks again
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the run ends with %v", err)
		}
		<-h.given
		for _, r := range memory.Records {
			if r.Kind == device.ResyncDone {
				t.Errorf("a transfer that was given up was journalled: %+v", r)
			}
		}
	})
}

// What could not be stored or journalled ends the run with its error, and
// no later step relies on it.
func TestRunEndsWithTheErrorOfItsSinks(t *testing.T) {
	full := errors.New("disk full")
	run := func(c Config) (*journal.Memory, error) {
		clock, memory := &sched.Virtual{}, &journal.Memory{}
		c.Clock, c.Network, c.Lease = clock, model{}, lease
		if c.Journal == nil {
			c.Journal = memory
		}
		d := New(c, phones(t, 1))
		d.Tell(0, device.Input{Kind: device.PowerOn})
		return memory, d.Run(t.Context(), time.Hour)
	}
	memory, err := run(Config{Save: func(device.MAC, *device.Stored) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("a failing memory ends the run with %v", err)
	}
	if last := memory.Records[len(memory.Records)-1]; last.Kind != device.ResyncDone {
		t.Errorf("after the failed save the journal goes on with %v", last.Kind)
	}
	if _, err := run(Config{Journal: failing{full}}); !errors.Is(err, full) {
		t.Errorf("a failing journal ends the run with %v", err)
	}
	stopped := false
	if _, err := run(Config{Stop: func(*device.Device) bool { stopped = true; return true }}); err != nil || !stopped {
		t.Errorf("a run that was asked to stop ends with %v", err)
	}
}

type failing struct{ err error }

func (f failing) Add(*journal.Record) error { return f.err }

// Look sees a device between two steps.
func TestLook(t *testing.T) {
	clock := &sched.Virtual{}
	d := New(Config{Clock: clock, Network: model{}, Journal: &journal.Memory{}, Lease: lease}, phones(t, 2))
	d.Tell(1, device.Input{Kind: device.PowerOn})
	var on []bool
	for i := range 2 {
		d.Look(i, func(dev *device.Device, _ time.Duration) { on = append(on, dev.Status().On) })
	}
	if err := d.Run(t.Context(), time.Second); err != nil || !cmp.Equal(on, []bool{false, true}) {
		t.Errorf("run: %v; on: %v, want false, true", err, on)
	}
}
