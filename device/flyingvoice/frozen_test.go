package flyingvoice

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// story is what happens to a phone in some hours, and how its server answers.
type story struct {
	settings []string
	quirks   device.Quirks
	inputs   []device.Input
	latency  time.Duration
	answers  []string // file bodies by the number of the transfer; empty: not found
}

const storyLength = 3 * time.Hour

func stories(t *rapid.T) story {
	s := story{
		settings: []string{
			rapid.SampledFrom([]string{"Resync Periodic=600", "Resync Periodic=300+600", "Resync Periodic=0"}).Draw(t, "periodic"),
			rapid.SampledFrom([]string{"Resync Error Retry Delay=60,120,1800", "Resync Error Retry Delay=0"}).Draw(t, "retry"),
			rapid.SampledFrom([]string{"Resync Random Delay=40", "Resync Random Delay=0"}).Draw(t, "random"),
			rapid.SampledFrom([]string{"Forced Resync Delay=0", "Forced Resync Delay=900"}).Draw(t, "forced"),
			rapid.SampledFrom([]string{"Upgrade Rule=", "Upgrade Rule=/fw.bin"}).Draw(t, "upgrade"),
		},
		quirks:  device.Quirks{delayLists: "on"},
		latency: rapid.SampledFrom([]time.Duration{time.Millisecond, 5 * time.Minute}).Draw(t, "latency"),
		answers: rapid.SliceOfN(rapid.SampledFrom([]string{"", "DBID_DBASE_VERSION=1\nA=1\n", "DBID_DBASE_VERSION=2\nDBID_RESYNC_PERIODIC=900\n", "<html>"}), 1, 5).Draw(t, "answers"),
	}
	if rapid.Bool().Draw(t, "deadline") {
		s.quirks[forcedResync] = "deadline"
	}
	web, _ := profile.Config{}.With("DBID_RESYNC_PERIODIC", "450")
	at := time.Duration(0)
	for range rapid.IntRange(0, 25).Draw(t, "inputs") {
		at += time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(t, "after"))
		in := device.Input{Now: at, Kind: rapid.SampledFrom([]device.InputKind{
			device.PowerOn, device.PowerOff, device.SetLine, device.SetLine, device.SetLine, device.AskResync, device.AskReboot,
			device.AskReset, device.Configure, device.LostLease, device.GotLease,
		}).Draw(t, "kind")}
		in.Line, in.Active = rapid.IntRange(1, 2).Draw(t, "line"), rapid.Bool().Draw(t, "active")
		in.Cause = rapid.SampledFrom([]resync.Cause{resync.Person, resync.Notify}).Draw(t, "cause")
		in.Config, in.Lease = web, bench
		s.inputs = append(s.inputs, in)
	}
	return s
}

var bench = device.Lease{Addr: netip.MustParseAddr("192.0.2.10"), Offer: device.TextOffer(66, "192.0.2.1")}

// actor is a phone in its story.
type actor struct {
	*device.Device
	story
	log    []string
	reply  *device.Input // that is under way
	inputs []device.Input
}

func newActor(t tester, s story) *actor {
	p := newPhone(t, s.settings...)
	p.Model().Quirks, p.Model().Seed, p.Model().Memo = s.quirks, 7, device.NewMemo()
	a := &actor{Device: device.New(p.Model(), p.Identity(), p.Stored()), story: s, inputs: s.inputs}
	a.SwitchOn(time.Second)
	return a
}

// play goes on until an instant.
func (a *actor) play(until time.Duration) {
	for {
		next := device.Input{Kind: device.Tick, Now: a.Deadline()}
		if a.reply != nil && a.reply.Now < next.Now {
			next = *a.reply
		}
		if len(a.inputs) > 0 && a.inputs[0].Now <= next.Now {
			next = a.inputs[0]
		}
		if next.Now > until || next.Now == resync.Never {
			return
		}
		switch next.Kind {
		case device.GotReply:
			a.reply = nil
		case device.Tick:
		default:
			a.inputs = a.inputs[1:]
		}
		a.tell(next)
	}
}

func (a *actor) tell(in device.Input) {
	for _, fx := range a.Step(&in, nil) {
		switch fx.Do {
		case device.Journal:
			a.log = append(a.log, fmt.Sprintf("%v %d %v", in.Now, fx.Seq, fx.Event))
		case device.AskLease:
			a.tell(device.Input{Now: in.Now, Kind: device.GotLease, Lease: bench})
		case device.Save:
			a.log = append(a.log, fmt.Sprintf("%v saves %q %q %v %q", in.Now, fx.Stored.Config.Append(nil), fx.Stored.Version, fx.Stored.Cause, fx.Stored.UpgradeURL))
		case device.Cancel:
			a.reply = nil
		case device.Fetch:
			body := a.answers[int(fx.Transfer)%len(a.answers)]
			reply := &device.Reply{Body: []byte(body), Bytes: int64(len(body))}
			if body == "" {
				reply = &device.Reply{Outcome: resync.NotFound}
			}
			a.reply = &device.Input{Now: in.Now + a.latency, Kind: device.GotReply, Transfer: fx.Transfer, Reply: reply}
		}
	}
}

// thawed returns the phone as another process takes it up at an instant.
func (a *actor) thawed(t tester, now time.Duration) *actor {
	frozen := a.Freeze(now)
	form, err := frozen.Machine.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	frozen.Machine = resync.Machine{}
	if err := frozen.Machine.UnmarshalBinary(form); err != nil {
		t.Fatal(err)
	}
	again := newActor(t, a.story)
	if err := again.Thaw(again.Model(), again.Product(), a.MAC(), &frozen); err != nil {
		t.Fatal(err)
	}
	again.inputs = a.inputs
	return again
}

// A phone that is frozen at any instant and thawed goes on, event by event, as if
// nothing had been. A job that was under way begins anew.
func TestThawedPhoneGoesOn(t *testing.T) {
	under := 0
	goesOn := func(t *rapid.T) {
		a := newActor(t, stories(t))
		at := time.Duration(rapid.Int64Range(0, int64(storyLength)).Draw(t, "frozen"))
		a.play(at)
		before := a.Status()
		b := a.thawed(t, at)
		a.log = nil
		if before.Running != resync.NoJob {
			under++
			checkAgain(t, b, before.Running, at)
			return
		}
		a.play(storyLength)
		b.play(storyLength)
		if diff := cmp.Diff(a.log, b.log); diff != "" {
			t.Fatalf("frozen at %v in %+v; went on (-) and was thawed (+):\n%s", at, before.Status, diff)
		}
	}
	// A job is under way at few instants, so that a hundred stories may have none.
	for round := 0; round < 1 || under == 0 && round < 50; round++ {
		rapid.Check(t, goesOn)
	}
	if under == 0 {
		t.Error("no job was under way in any story")
	}
}

// checkAgain holds that the phone begins a job that was under way anew as soon as
// it may, which a resync that is due as well does before an upgrade.
func checkAgain(t *rapid.T, b *actor, job resync.Job, at time.Duration) {
	if s := b.Status(); s.Running != resync.NoJob || s.At > at || !s.Waits {
		t.Fatalf("%v was under way at %v, and after it was thawed the phone is %+v", job, at, s.Status)
	}
	b.inputs = nil
	for _, in := range []device.Input{
		{Kind: device.GotLease, Lease: bench}, {Kind: device.SetLine, Line: 1}, {Kind: device.SetLine, Line: 2},
	} {
		in.Now = at
		b.tell(in)
	}
	b.play(at + 15*time.Minute) // the longest Forced Resync Delay
	start := "resync.start"
	if job == resync.Upgrade {
		start = ".start"
	}
	if !strings.Contains(strings.Join(b.log, "\n"), start) {
		t.Fatalf("%v was under way at %v, and has not begun anew: %q", job, at, b.log)
	}
}

// FV-RS-12: settings that a person has saved since the boot are not in force after
// a thaw either.
func TestThawKeepsSettingsInForce(t *testing.T) {
	p := newPhone(t, "Resync Periodic=600").file("DBID_DBASE_VERSION=1\n")
	p.boot()
	p.wait(time.Minute)
	saved, err := profile.Config{}.With("DBID_RESYNC_PERIODIC", "60")
	if err != nil {
		t.Fatal(err)
	}
	p.tell(device.Input{Kind: device.Configure, Config: saved})
	frozen := p.Freeze(p.now)
	if err := p.Thaw(p.Model(), p.Product(), p.MAC(), &frozen); err != nil {
		t.Fatal(err)
	}
	p.wait(10 * time.Minute) // with a resync, after which the timer is armed anew
	if left := p.Deadline() - p.now; !p.said("resync.done unchanged") || left < 5*time.Minute {
		t.Errorf("the next resync is %v away, want one every 10m until the phone boots; events %q", left, p.log)
	}
}

// Thaw refuses a state that no phone can be in, and leaves the device as it was.
func TestThawRefuses(t *testing.T) {
	p := newPhone(t).file("DBID_DBASE_VERSION=1\n")
	p.boot()
	p.wait(time.Hour)
	good := p.Freeze(p.now)
	for what, harm := range map[string]func(*device.Frozen){
		"no memory":                  func(f *device.Frozen) { f.Stored = nil },
		"up, and switched on later":  func(f *device.Frozen) { f.UpAt = time.Hour },
		"a line that does not exist": func(f *device.Frozen) { f.Lines = 1 << device.Lines },
		"a call that is not listed":  func(f *device.Frozen) { f.Lines = 1 },
		"a start before the run":     func(f *device.Frozen) { f.Machine, f.UpAt = resync.Machine{}, -1 },
	} {
		bad := good
		harm(&bad)
		d := newPhone(t)
		if err := d.Thaw(d.Model(), d.Product(), d.MAC(), &bad); err == nil || d.Status().On {
			t.Errorf("%s: error %v, and the device is on: %v", what, err, d.Status().On)
		}
	}
}
