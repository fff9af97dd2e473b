package device

import (
	"time"

	"provsim/resync"
)

// SwitchOn lets power come at an instant, for which the device wants a Tick. It
// is ignored by a device that has power or restarts; a PowerOff before the
// instant calls it off.
func (d *Device) SwitchOn(at time.Duration) {
	if d.firmware == nil && d.upAt == resync.Never {
		d.upAt = at
	}
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
