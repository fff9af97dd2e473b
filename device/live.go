package device

import (
	"fmt"
	"math/bits"
	"strconv"
	"time"

	"provsim/resync"
)

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
		s.end(d.firmware.Judge(d, d.job, r), r)
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
	s.fx = append(s.fx, Effect{})
	fx := &s.fx[len(s.fx)-1]
	fx.Do = do
	return fx
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
