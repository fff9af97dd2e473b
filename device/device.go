package device

import (
	"fmt"
	"math/bits"
	"time"

	"provsim/resync"
)

// Device is one simulated phone.
type Device struct {
	model    *Model
	id       Identity
	stored   *Stored
	firmware Firmware // nil without power and during a reboot
	machine  resync.Machine
	lease    Lease

	upAt     time.Duration // where a reboot is under way, its end; else Never
	lines    uint8         // a bit for each active line
	boots    uint32
	transfer uint32 // the number of the transfer in flight or ended last
	job      running
}

// running is the job that a device has started and not ended.
type running struct {
	job     resync.Job
	url     string
	began   time.Duration
	verdict Verdict // where the job has ended and waits to be stored
}

// New returns a device without power. A nil memory is that of a new device.
func New(m *Model, id Identity, stored *Stored) *Device {
	if stored == nil {
		stored = &Stored{}
	}
	return &Device{model: m, id: id, stored: stored, upAt: resync.Never}
}

// Model returns what the device has in common with others.
func (d *Device) Model() *Model { return d.model }

// Identity returns who the device is, with the software that it runs now.
func (d *Device) Identity() Identity {
	id := d.id
	if d.stored.Software != "" {
		id.Software = d.stored.Software
	}
	return id
}

// Stored returns the device's memory. The caller must not change it.
func (d *Device) Stored() *Stored { return d.stored }

// Lease returns what the network gave the device.
func (d *Device) Lease() Lease { return d.lease }

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

// Step tells the device what happened and appends what is to be done to fx.
// What a device without power or in a reboot cannot notice is ignored.
func (d *Device) Step(in Input, fx []Effect) []Effect {
	s := step{Device: d, now: in.Now, fx: fx}
	switch {
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

func (s *step) say(e Event) { s.fx = append(s.fx, Effect{Do: Journal, Event: e}) }

func (s *step) save(stored Stored) {
	s.stored = &stored
	s.fx = append(s.fx, Effect{Do: Save, Stored: s.stored})
}

// boot starts the firmware. The stored cause counts once (FV-RS-2): a power
// cut after this boot makes the next one a power-on.
func (s *step) boot() {
	cause := s.stored.Cause
	if cause == resync.NoCause {
		cause = resync.PowerOn
	}
	s.upAt = resync.Never
	s.boots++
	s.firmware = s.model.Personality.Boot(s.model, s.stored)
	id := s.Identity()
	s.say(Event{Kind: Booted, Cause: cause, Version: s.stored.Version, Note: id.Product + " " + id.Software})
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
func (s *step) live(in Input) {
	switch in.Kind {
	case Tick:
		s.tell(resync.Input{Kind: resync.Tick})
	case GotLease:
		s.leased(in)
	case LostLease:
		s.lease = Lease{}
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
		next := *s.stored
		next.Config = next.Config.Merge(in.Config)
		s.save(next)
	case GotReply:
		s.replied(in)
	}
}

// leased notes a new lease; a renewed one with nothing new in it is no event.
func (s *step) leased(in Input) {
	if in.Lease == s.lease {
		return
	}
	s.lease = in.Lease
	note := in.Lease.Addr.String()
	if in.Lease.Option66 != "" {
		note += fmt.Sprintf(", option 66 %q", in.Lease.Option66)
	}
	if in.Note != "" {
		note += ", " + in.Note
	}
	s.say(Event{Kind: Leased, Job: in.Job, Note: note})
	s.tell(resync.Input{
		Kind: resync.Online, Upgrade: s.firmware.UpgradeWanted(s.Device),
		Rand: draw(s.model.Seed, s.id.MAC, drawOnline, s.boots),
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
	if s.job.job != resync.NoJob && s.job.verdict.Outcome == resync.None {
		s.fx = append(s.fx, Effect{Do: Cancel, Transfer: s.transfer})
	}
	if s.firmware != nil {
		s.fx = append(s.fx, Effect{Do: DropLease})
	}
	s.machine.Step(resync.Input{Kind: resync.PowerOff}, nil)
	s.firmware, s.lease, s.lines, s.job = nil, Lease{}, 0, running{}
}
