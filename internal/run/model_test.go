package run

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/sched"
)

// lossy is a network that loses each transfer's first request, hears of it again
// after 2 s, and answers 3 s later. It writes down its calls.
type lossy struct {
	heard []string
	reply device.Reply
}

func (l *lossy) say(now time.Duration, what string, d Delivery) {
	l.heard = append(l.heard, fmt.Sprintf("%v %s %d/%d", now, what, d.Device(), d.Transfer()))
}

func (l *lossy) Start(now time.Duration, _ *device.Request, d Delivery) {
	l.say(now, "start", d)
	d.Wake(2*time.Second, 7)
}

func (l *lossy) Wake(now time.Duration, d Delivery, tag uint64) {
	l.say(now, fmt.Sprint("wake ", tag), d)
	d.After(3*time.Second, &l.reply)
}

func (l *lossy) Cancel(now time.Duration, d Delivery) { l.say(now, "cancel", d) }

// The driver wakes a model at its instants and cancels transfers that are given up.
// What the model delivers to a cancelled transfer changes nothing.
func TestModelIsWokenAndTold(t *testing.T) {
	l := &lossy{reply: device.Reply{Body: []byte("DBID_DBASE_VERSION=1\n")}}
	memory := &journal.Memory{}
	d := New(Config{Clock: &sched.Virtual{}, Network: l, Journal: memory, Lease: lease},
		phones(t, 2, "DBID_RESYNC_RANDOM_DELAY=0", "DBID_RESYNC_PERIODIC=0"))
	d.SwitchOn(0, time.Second)
	d.SwitchOn(1, 2*time.Second)
	d.At(1, 3*time.Second, device.Input{Kind: device.PowerOff})
	if err := d.Run(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	want := []string{"1s start 0/1", "2s start 1/1", "3s cancel 1/1", "3s wake 7 0/1", "4s wake 7 1/1"}
	if diff := cmp.Diff(want, l.heard); diff != "" {
		t.Errorf("what the network was told (-want +got):\n%s", diff)
	}
	for _, r := range memory.Records {
		if r.Kind == device.ResyncDone && (r.Device[5] != 0 || r.T != 6*time.Second) {
			t.Errorf("at %v device %v ends its resync, want device 0 at 6s alone", r.T, r.Device)
		}
	}
}

// Equal instants: what was asked for first comes first, and wake-ups come last,
// by number. Steps from within a step wait for its end.
func TestOrderOfEqualInstants(t *testing.T) {
	var order []string
	sink := sinkFunc(func(r *journal.Record) error {
		if r.Kind == device.Booted || r.Kind == device.LineChanged {
			order = append(order, fmt.Sprintf("%v %d %s", r.T, r.Device[5], r.Kind))
		}
		return nil
	})
	var d *Driver
	hook := func(r *journal.Record) error {
		if r.Kind == device.Booted && r.Device[5] == 0 {
			d.Step(0, device.Input{Kind: device.SetLine, Line: 1, Active: true})
		}
		return sink(r)
	}
	d = New(Config{Clock: &sched.Virtual{}, Network: &lossy{}, Journal: sinkFunc(hook), Lease: lease}, phones(t, 4))
	at := time.Minute
	d.SwitchOn(2, at)
	d.SwitchOn(1, at)
	d.Do(at, func(now time.Duration) {
		order = append(order, fmt.Sprint(now, " do"))
		d.Step(3, device.Input{Kind: device.PowerOn})
		d.Step(3, device.Input{Kind: device.SetLine, Line: 1, Active: true})
	})
	d.At(0, at, device.Input{Kind: device.PowerOn})
	if err := d.Run(t.Context(), at+time.Millisecond); err != nil {
		t.Fatal(err)
	}
	want := []string{"1m0s do", "1m0s 3 boot", "1m0s 3 line", "1m0s 0 boot", "1m0s 0 line", "1m0s 1 boot", "1m0s 2 boot"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("what happens (-want +got):\n%s", diff)
	}
}

type sinkFunc func(*journal.Record) error

func (f sinkFunc) Add(r *journal.Record) error { return f(r) }

// SwitchOn is only a PowerOn to come: power that is cut before calls it
// off, and a device that has power takes no notice.
func TestSwitchOn(t *testing.T) {
	boots := map[byte][]time.Duration{}
	sink := sinkFunc(func(r *journal.Record) error {
		if r.Kind == device.Booted {
			boots[r.Device[5]] = append(boots[r.Device[5]], r.T)
		}
		return nil
	})
	d := New(Config{Clock: &sched.Virtual{}, Network: &lossy{}, Journal: sink, Lease: lease}, phones(t, 3))
	d.SwitchOn(0, time.Minute)
	d.At(0, 30*time.Second, device.Input{Kind: device.PowerOff})
	d.SwitchOn(1, time.Second)
	d.Do(2*time.Second, func(now time.Duration) { d.SwitchOn(1, now+time.Second) })
	d.Do(4*time.Second, func(now time.Duration) {
		d.Step(1, device.Input{Kind: device.PowerOff})
		d.SwitchOn(1, now+time.Minute)
	})
	if err := d.Run(t.Context(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	want := map[byte][]time.Duration{1: {time.Second, 64 * time.Second}}
	if diff := cmp.Diff(want, boots); diff != "" {
		t.Errorf("boots by device (-want +got):\n%s", diff)
	}
}

// The driver calls Lag for wake-ups that come late because the loop was busy.
func TestLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var worst time.Duration
		d := New(Config{
			Clock: sched.NewReal(time.Now()), Network: &lossy{}, Journal: &journal.Memory{}, Lease: lease,
			Lag: func(due, now time.Duration) { worst = max(worst, now-due) },
		}, phones(t, 1))
		d.SwitchOn(0, 2*time.Second)
		d.Do(time.Second, func(time.Duration) {
			<-time.After(4 * time.Second) // what a slow sink does to the loop
		})
		if err := d.Run(t.Context(), 10*time.Second); err != nil || worst != 3*time.Second {
			t.Errorf("the worst lag is %v, want 3s (%v)", worst, err)
		}
	})
}

// fetcher is a server that answers at once, and keeps the context of the transfer.
type fetcher struct{ contexts chan context.Context }

func (f fetcher) Fetch(ctx context.Context, req device.Request) device.Reply {
	f.contexts <- ctx
	return device.Reply{Body: []byte("DBID_DBASE_VERSION=1\n"), Note: req.UserAgent()}
}

// A transfer's context ends with it, so that a long run keeps none.
func TestContextEndsWithItsTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, memory := fetcher{make(chan context.Context, 10)}, &journal.Memory{}
		d := New(Config{Clock: sched.NewReal(time.Now()), Network: Wire{"tftp": f}, Journal: memory, Lease: lease}, phones(t, 1))
		d.SwitchOn(0, 0)
		if err := d.Run(t.Context(), 5*time.Minute); err != nil {
			t.Fatal(err)
		}
		if ctx := <-f.contexts; ctx.Err() == nil || len(d.inflight) != 0 {
			t.Errorf("after the run the context says %v, and %d are kept", ctx.Err(), len(d.inflight))
		}
		agent := ""
		for _, r := range memory.Records {
			if r.Kind == device.ResyncDone {
				agent = r.Note
			}
		}
		if want := "Flyingvoice IP542N v3.3.8 00:21:F2:00:00:00"; agent != want {
			t.Errorf("the request has User-Agent %q, want %q", agent, want)
		}
	})
}
