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
	s.upAt = resync.Never
	s.boots++
	s.firmware = s.model.Memo.boot(s.model, s.product.Name, s.stored.Config)
	s.say(Event{Kind: Booted, Cause: cause, Version: s.stored.Version, Note: s.product.Name + " " + s.Software()})
	for _, w := range s.firmware.Warnings() {
		s.say(Event{Kind: Warned, Note: w})
	}
	if cause != resync.PowerOn {
		next := *s.stored
		next.Cause = resync.NoCause
		s.save(next)
	}
	s.tell(&resync.Input{
		Kind: resync.Boot, Settings: s.firmware.Timers(), Cause: cause,
		Rand: draw(s.model.Seed, s.mac, drawBoot, s.boots), MAC: s.mac.number(),
	})
	s.fx = append(s.fx, Effect{Do: AskLease})
}

// reboot stores why, and goes down until the firmware starts again (FV-BOOT-1).
func (s *step) reboot(next Stored, cause resync.Cause) {
	next.Cause = cause
	s.save(next)
	s.stop()
	s.down(cause)
}

// factoryReset forgets all but the firmware that runs (FV-BOOT-3).
func (s *step) factoryReset() {
	s.reboot(Stored{Software: s.stored.Software, UpgradeURL: s.stored.UpgradeURL}, resync.FactoryReset)
}

// down is the time of a reboot in which the device answers nothing.
func (s *step) down(cause resync.Cause) {
	s.upAt = s.now + s.model.BootTime
	s.say(Event{Kind: Rebooting, Cause: cause, Took: s.model.BootTime})
}

// stop forgets what is not stored (FV-BOOT-2).
func (s *step) stop() {
	if s.inFlight() {
		s.fx = append(s.fx, Effect{Do: Cancel, Transfer: s.transfer})
	}
	if s.firmware != nil {
		s.fx = append(s.fx, Effect{Do: DropLease})
	}
	s.machine.Step(&resync.Input{Kind: resync.PowerOff}, nil)
	s.firmware, s.lease, s.lines, s.steady = nil, Lease{}, 0, resync.NoJob
	s.forget()
}

// inFlight reports whether the device waits for the reply to a transfer.
func (s *step) inFlight() bool { return s.job != resync.NoJob && !s.pauses && !s.machine.Holding() }
