package device

import (
	"fmt"
	"math/bits"
	"strconv"
	"time"

	"provsim/resync"
)

// Device is one simulated phone. A fleet keeps them in one slice, each by value.
type Device struct {
	model    *Model
	make     *Make
	stored   *Stored
	firmware Firmware // nil without power and during a reboot
	machine  resync.Machine
	lease    Lease
	upAt     time.Duration // when the firmware starts: the end of a reboot, or a start that was asked for; else Never

	began   time.Duration // when the running job did
	url     string        // of the latest job; kept, because the next one mostly has the same
	verdict *Verdict      // where the running job has ended and waits to be stored

	boots    uint32
	transfer uint32 // the number of the transfer in flight or ended last
	seq      uint32 // the number of the latest journal effect
	mac      MAC
	job      resync.Job // the job that has started and not ended
	lines    uint8      // a bit for each active line
	same     bool       // since the latest job, a resync, neither lease nor settings have changed
}

// New returns a device without power. A nil memory is that of a new device.
func New(m *Model, id Identity, stored *Stored) *Device {
	d := &Device{}
	d.Init(m, &Make{
		Product: id.Product, Hardware: id.Hardware, Software: id.Software,
		Serial: func(MAC) string { return id.Serial },
	}, id.MAC, stored)
	return d
}

// Init makes d a device without power. Devices may share model, make and memory;
// a nil memory is that of a new device.
func (d *Device) Init(m *Model, mk *Make, mac MAC, stored *Stored) {
	if stored == nil {
		stored = m.Memo.keep(Stored{})
	}
	*d = Device{model: m, make: mk, mac: mac, stored: stored, upAt: resync.Never}
}

// Model returns what the device has in common with others.
func (d *Device) Model() *Model { return d.model }

// MAC returns the device's hardware address.
func (d *Device) MAC() MAC { return d.mac }

// Make returns what the device has in common with others of its product.
func (d *Device) Make() *Make { return d.make }

// Software returns the version that the device runs now.
func (d *Device) Software() string {
	if d.stored.Software != "" {
		return d.stored.Software
	}
	return d.make.Software
}

// Serial returns the serial number.
func (d *Device) Serial() string {
	if d.make.Serial != nil {
		return d.make.Serial(d.mac)
	}
	return d.model.Personality.Serial(d.mac)
}

// Identity returns who the device is, with the software that it runs now.
func (d *Device) Identity() Identity {
	return Identity{
		MAC: d.mac, Product: d.make.Product, Serial: d.Serial(), Hardware: d.make.Hardware, Software: d.Software(),
	}
}

// Stored returns the device's memory. The caller must not change it.
func (d *Device) Stored() *Stored { return d.stored }

// URL returns where the latest job went, or "" where there was none or it went
// nowhere.
func (d *Device) URL() string { return d.url }

// Repeats reports whether the latest job was a resync, and neither the lease nor
// the settings in force have changed since: the next resync asks for the same.
func (d *Device) Repeats() bool { return d.same }

// Lease returns what the network gave the device.
func (d *Device) Lease() Lease { return d.lease }

// Option66 returns that of the lease.
func (d *Device) Option66() string { return d.lease.Option66 }

// Deadline returns the instant by which the device wants a Tick, or
// resync.Never.
func (d *Device) Deadline() time.Duration { return min(d.upAt, d.machine.Deadline()) }

// Status returns what the device does or waits for.
func (d *Device) Status() Status {
	s := Status{Status: d.machine.Status(), Identity: d.Identity(), Addr: d.lease.Addr, RebootEnds: d.upAt, Stored: d.stored}
	s.Provision = d.firmware != nil && d.firmware.Timers().Provision
	for i := range s.Lines {
		s.Lines[i] = d.lines>>i&1 != 0
	}
	return s
}

// SwitchOn lets power come at an instant, for which the device wants a Tick. It
// is ignored by a device that has power or restarts; a PowerOff before the
// instant calls it off.
func (d *Device) SwitchOn(at time.Duration) {
	if d.firmware == nil && d.upAt == resync.Never {
		d.upAt = at
	}
}

// Step tells the device what happened and appends what is to be done to fx.
// What a device without power or in a reboot cannot notice is ignored.
func (d *Device) Step(in Input, fx []Effect) []Effect {
	switch in.Kind {
	case Tick:
		return d.Tick(in.Now, fx)
	case GotReply:
		return d.Reply(in.Now, in.Transfer, in.Reply, fx)
	}
	return d.other(&in, fx)
}

// Touch reads a little of all that a step reads of the device, and changes
// nothing. A processor fetches the memory of many devices at once where they are
// touched one right after the other; the result is of no use but to be kept, so
// that the reading is done.
func (d *Device) Touch() int {
	sum := len(d.url) + len(d.lease.Option66) + int(d.boots)
	if d.model == nil || d.firmware == nil || d.lease.Addr.Is4() {
		sum++
	}
	return sum
}

// Tick is [Device.Step] with a Tick, and quicker.
func (d *Device) Tick(now time.Duration, fx []Effect) []Effect {
	s := step{Device: d, now: now, fx: fx}
	switch {
	case d.firmware != nil:
		s.tell(resync.Input{Kind: resync.Tick})
	case d.upAt <= now:
		s.boot()
	}
	return s.fx
}

// Reply is [Device.Step] with a GotReply, and quicker. A reply to another
// transfer than the one in flight comes too late and is ignored.
func (d *Device) Reply(now time.Duration, transfer uint32, r *Reply, fx []Effect) []Effect {
	s := step{Device: d, now: now, fx: fx}
	if d.firmware != nil && transfer == d.transfer && d.job != resync.NoJob && d.verdict == nil {
		verdict := d.firmware.Judge(d, d.job, r)
		s.end(&verdict, r)
	}
	return s.fx
}

func (d *Device) other(in *Input, fx []Effect) []Effect {
	s := step{Device: d, now: in.Now, fx: fx}
	switch {
	case in.Kind == Remark:
		s.say(Event{Kind: Warned, Job: in.Job, Note: in.Note})
	case in.Kind == PowerOn && d.firmware == nil && d.upAt == resync.Never:
		s.boot()
	case in.Kind == PowerOff:
		s.stop()
		d.upAt = resync.Never
	case d.upAt != resync.Never:
		if d.upAt <= in.Now {
			s.boot()
		}
	case d.firmware != nil:
		s.live(in)
	}
	return s.fx
}

// step is a device in the middle of Step.
type step struct {
	*Device
	now time.Duration
	fx  []Effect
}

// add appends an effect that is still to be filled in.
func (s *step) add(do Do) *Effect {
	s.fx = append(s.fx, Effect{Do: do})
	return &s.fx[len(s.fx)-1]
}

// event appends an event that is still to be filled in.
func (s *step) event(kind EventKind) *Event {
	s.seq++
	fx := s.add(Journal)
	fx.Seq, fx.Event.Kind = s.seq, kind
	return &fx.Event
}

func (s *step) say(e Event) { *s.event(e.Kind) = e }

func (s *step) save(stored Stored) {
	s.stored = s.model.Memo.keep(stored)
	s.fx = append(s.fx, Effect{Do: Save, Stored: s.stored})
}

// boot starts the firmware. The stored cause counts once (FV-RS-2): a power
// cut after this boot makes the next one a power-on.
func (s *step) boot() {
	cause := s.stored.Cause
	if cause == resync.NoCause {
		cause = resync.PowerOn
	}
	s.upAt, s.same = resync.Never, false
	s.boots++
	s.firmware = s.model.Memo.boot(s.model, s.stored.Config)
	s.say(Event{Kind: Booted, Cause: cause, Version: s.stored.Version, Note: s.make.Product + " " + s.Software()})
	for _, w := range s.firmware.Warnings() {
		s.say(Event{Kind: Warned, Note: w})
	}
	if cause != resync.PowerOn {
		next := *s.stored
		next.Cause = resync.NoCause
		s.save(next)
	}
	s.tell(resync.Input{Kind: resync.Boot, Settings: s.firmware.Timers(), Cause: cause})
	s.fx = append(s.fx, Effect{Do: AskLease})
}

// live handles what happens to a device that runs.
func (s *step) live(in *Input) {
	switch in.Kind {
	case GotLease:
		s.leased(in)
	case LostLease:
		s.lease, s.same = Lease{}, false
		s.say(Event{Kind: Leased, Job: in.Job, Note: in.Note})
		s.tell(resync.Input{Kind: resync.Offline})
	case SetLine:
		s.setLine(in.Line, in.Active)
	case AskResync:
		if !s.firmware.Timers().Provision {
			s.say(Event{Kind: Warned, Note: "a resync was asked for, but Provision Enable is off (FV-RS-1)"})
			return
		}
		s.tell(resync.Input{Kind: resync.Trigger, Cause: in.Cause})
	case AskReboot:
		s.reboot(*s.stored, resync.Person)
	case AskReset:
		s.reboot(Stored{Software: s.stored.Software, UpgradeURL: s.stored.UpgradeURL}, resync.FactoryReset)
	case Configure:
		s.configure(in)
	case Install:
		s.install(in)
	}
}

// leased notes a new lease; a renewed one with nothing new in it is no event.
func (s *step) leased(in *Input) {
	if in.Lease == s.lease {
		return
	}
	s.lease, s.same = in.Lease, false
	var room [96]byte
	note := in.Lease.Addr.AppendTo(room[:0])
	if in.Lease.Option66 != "" {
		note = strconv.AppendQuote(append(note, ", option 66 "...), in.Lease.Option66)
	}
	if in.Note != "" {
		note = append(append(note, ", "...), in.Note...)
	}
	s.say(Event{Kind: Leased, Job: in.Job, Note: string(note)})
	s.tell(resync.Input{
		Kind: resync.Online, Upgrade: s.firmware.UpgradeWanted(s.Device),
		Rand: draw(s.model.Seed, s.mac, drawOnline, s.boots),
	})
}

func (s *step) setLine(line int, active bool) {
	if line < 1 || line > Lines {
		return
	}
	before, bit := s.lines, uint8(1)<<(line-1)
	word := "idle"
	if s.lines &^= bit; active {
		s.lines |= bit
		word = "active"
	}
	if s.lines == before {
		return
	}
	s.say(Event{Kind: LineChanged, Note: fmt.Sprintf("line %d %s", line, word)})
	switch {
	case active && bits.OnesCount8(s.lines) == 1:
		s.tell(resync.Input{Kind: resync.LineBusy})
	case s.lines == 0:
		s.tell(resync.Input{Kind: resync.LinesIdle})
	}
}

// reboot stores why, and goes down until the firmware starts again (FV-BOOT-1).
func (s *step) reboot(next Stored, cause resync.Cause) {
	next.Cause = cause
	s.save(next)
	s.stop()
	s.down(cause)
}

// down is the time of a reboot in which the device answers nothing.
func (s *step) down(cause resync.Cause) {
	s.upAt = s.now + s.model.BootTime
	s.say(Event{Kind: Rebooting, Cause: cause, Took: s.model.BootTime})
}

// stop forgets what is not stored (FV-BOOT-2).
func (s *step) stop() {
	if s.job != resync.NoJob && s.verdict == nil {
		s.fx = append(s.fx, Effect{Do: Cancel, Transfer: s.transfer})
	}
	if s.firmware != nil {
		s.fx = append(s.fx, Effect{Do: DropLease})
	}
	s.machine.Step(resync.Input{Kind: resync.PowerOff}, nil)
	s.firmware, s.lease, s.lines, s.job, s.verdict = nil, Lease{}, 0, resync.NoJob, nil
}
