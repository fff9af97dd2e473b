package device

import (
	"fmt"
	"math/bits"
	"time"

	"provsim/resync"
)

// Step tells the device what happened and appends what is to be done to fx.
// It ignores inputs that a device without power or in a reboot cannot notice, and a
// reply to another transfer than the one in flight. It changes nothing of the input, and
// does not keep it.
func (d *Device) Step(in *Input, fx []Effect) []Effect {
	var s step // not a literal, which is made elsewhere and copied
	s.Device, s.now, s.fx = d, in.Now, fx
	switch {
	case in.Kind == Remark:
		s.say(Event{Kind: Warned, Job: in.Job, Note: in.Note})
	case in.Kind == PowerOff:
		s.stop()
		d.upAt = resync.Never
	case d.firmware != nil:
		s.live(in)
	case in.Kind == PowerOn && d.upAt == resync.Never, d.upAt <= in.Now:
		s.boot()
	}
	return s.fx
}

// step is a device in the middle of Step.
type step struct {
	*Device
	now time.Duration
	fx  []Effect

	given    string // the rule that counts for the job givenFor if that starts in this step; "": none
	givenFor resync.Job
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
	case Tick:
		if s.pauses && s.asked <= in.Now {
			s.goOn()
		}
		s.tell(&resync.Input{Kind: resync.Tick})
	case GotReply:
		if in.Transfer == s.transfer && s.inFlight() {
			s.answered(in.Reply)
		}
	case GotLease:
		waited := s.waits
		if s.leased(in); waited && s.waits {
			s.goOn()
		}
	case LostLease:
		s.lease, s.steady = Lease{}, resync.NoJob
		s.say(Event{Kind: Leased, Job: in.Job, Note: in.Note})
		s.tell(&resync.Input{Kind: resync.Offline})
		if s.model.Personality.LeaseLost == ThenReboot {
			s.reboot(*s.stored, resync.Lease)
		}
	case SetLine:
		s.setLine(in.Line, in.Active)
	case AskResync:
		if !s.firmware.Timers().On(resync.Resync) {
			s.say(Event{Kind: Warned, Note: "a resync was asked for, but Provision Enable is off (FV-RS-1)"})
			return
		}
		s.ask(resync.Resync, in)
	case AskUpgrade:
		if !s.firmware.Timers().On(resync.Upgrade) {
			s.say(Event{Kind: Warned, Job: resync.Upgrade, Note: "an upgrade was asked for, but upgrades are off"})
			return
		}
		s.ask(resync.Upgrade, in)
	case AskReport:
		s.askReport(in)
	case AskOrder:
		s.order(in)
	case AskReboot:
		s.reboot(*s.stored, resync.Person)
	case AskReset:
		s.factoryReset()
	case Configure:
		s.configure(in)
	case Install:
		s.install(in)
	}
}

// leased notes a new lease; a renewed one with nothing new in it is no event.
func (s *step) leased(in *Input) {
	lease := in.Lease
	if s.model.Personality.LeaseAtBoot && s.lease.Offer != nil && !s.waits {
		lease.Offer = s.lease.Offer
	}
	if lease.Equal(s.lease) {
		return
	}
	s.lease, s.steady = lease, resync.NoJob
	var room [96]byte
	note := lease.Addr.AppendTo(room[:0])
	note = lease.Offer.appendServer(note, s.model.Personality.Servers)
	if in.Note != "" {
		note = append(append(note, ", "...), in.Note...)
	}
	s.say(Event{Kind: Leased, Job: in.Job, Note: string(note)})
	online := resync.Input{Kind: resync.Online, Rand: draw(s.model.Seed, s.mac, drawOnline, s.boots)}
	for i, job := range s.firmware.Timers().Jobs {
		online.Wanted[i] = job.IfWanted && s.firmware.Wanted(s.Device, job.Job)
	}
	s.tell(&online)
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
		s.tell(&resync.Input{Kind: resync.LineBusy})
	case s.lines == 0:
		s.tell(&resync.Input{Kind: resync.LinesIdle})
	}
}
