package resync

import (
	"math"
	"time"
)

// Machine is the resync and upgrade state of one device (FV-RS, FV-UP). The
// zero value is a device without power; a Boot starts it. It allocates nothing
// and is copied by assignment.
type Machine struct {
	set     *Settings
	resync  timer
	upgrade timer
	idleAt  time.Duration // from here on the forced-resync counter is zero (FV-RS-7)
	fails   uint8         // failed resyncs in a row, to pick a delay from a list
	oks     uint8         // resyncs in a row that succeeded, likewise
	phase   phase
	job     Job
	bits    bits8
}

// timer is when one job falls due. The success and the error delay share it,
// so they are never both armed (FV-RS-5).
type timer struct {
	at    time.Duration
	cause Cause
	due   bool // at has passed: the job is to start as soon as it may
	held  bool // Hold was said of it
	fails uint8
}

type phase uint8

const (
	off     phase = iota // without power, or restarting
	booted               // running, without an address
	online               // running, with an address
	holding              // a job has brought something that waits to be stored (FV-RS-11)
)

type bits8 uint8

const (
	busy       bits8 = 1 << iota // a line is active
	bootResync                   // the resync at boot has not started yet; an upgrade waits for it (FV-UP-1)
	wasOnline                    // the device has had an address since it booted
)

// Step tells the machine what happened and appends what is to be done to acts.
// An input that does not fit, such as the end of a job that does not run, is
// ignored.
func (m *Machine) Step(in Input, acts []Action) []Action {
	if in.Kind == Boot {
		m.boot(in)
		return m.settle(in.Now, acts)
	}
	if m.phase == off {
		return acts
	}
	switch in.Kind {
	case Online:
		m.goOnline(in)
	case Offline:
		if m.phase == online {
			m.phase = booted
		}
	case LineBusy:
		m.bits |= busy
	case LinesIdle:
		if m.bits&busy != 0 {
			m.bits &^= busy
			m.idleAt = in.Now + m.set.Forced
		}
	case Trigger:
		m.trigger(in.Now, in.Cause)
	case Done:
		m.done(in)
	case PowerOff:
		m.stop()
	}
	return m.settle(in.Now, acts)
}

// boot starts the firmware: FV-RS-2 decides whether a resync is due.
func (m *Machine) boot(in Input) {
	*m = Machine{set: in.Settings, phase: booted}
	m.resync.at, m.upgrade.at = Never, Never
	if !m.set.Provision { // FV-RS-1
		return
	}
	wanted := false
	switch in.Cause {
	case PowerOn, Person, FactoryReset:
		wanted = m.set.OnReset
	case Firmware:
		wanted = m.set.AfterUpgrade
	}
	if wanted {
		m.bits |= bootResync
		return
	}
	m.armPeriodic(in) // FV-RS-4
}

// goOnline starts what waits for an address. A renewed address changes nothing,
// and one that comes back only lets go on what waited for it.
func (m *Machine) goOnline(in Input) {
	if m.phase != booted {
		return
	}
	m.phase = online
	if m.bits&wasOnline != 0 {
		return
	}
	m.bits |= wasOnline
	if m.bits&bootResync != 0 && !m.resync.due {
		// FV-RS-3: this is the only attempt that waits a random time.
		m.resync.arm(in.Now+Uniform(in.Rand, m.set.RandomDelay), AtBoot)
	}
	if m.set.Upgrade && in.Upgrade {
		m.upgrade.arm(in.Now, AtBoot) // FV-UP-1
	}
}

// trigger makes a resync due at once, or joins the one that is due or running
// (FV-RS-9).
func (m *Machine) trigger(now time.Duration, cause Cause) {
	if !m.set.Provision || m.job == Resync { // FV-RS-1
		return
	}
	if m.resync.due {
		if cause == Person { // the due one need not wait for the counter any more
			m.resync.cause = Person
		}
		return
	}
	m.resync.arm(now, cause)
}

// done books the outcome of the running job.
func (m *Machine) done(in Input) {
	if in.Job != m.job || m.job == NoJob || m.phase == holding || in.Outcome == None {
		return
	}
	if in.Outcome == Applied {
		m.phase = holding
		return
	}
	m.job = NoJob
	if in.Job == Upgrade {
		m.upgradeFailed(in)
		return
	}
	if in.Outcome.Success() {
		m.fails = 0
		m.armPeriodic(in)
		m.oks = inc(m.oks)
		return
	}
	m.oks = 0
	if d, on := m.set.ErrorRetry.At(int(m.fails), in.Rand); on {
		m.resync.arm(in.Now+d, Retry)
	} else {
		m.armPeriodic(in) // FV-RS-6
	}
	m.fails = inc(m.fails)
}

func (m *Machine) upgradeFailed(in Input) {
	if in.Outcome == HTTPSUpgrade {
		return // FV-UP-3: no contact was made, and none will be until the next boot
	}
	if d, on := m.set.UpgradeRetry.At(int(m.upgrade.fails), in.Rand); on {
		m.upgrade.arm(in.Now+d, Retry)
	}
	m.upgrade.fails = inc(m.upgrade.fails)
	if m.set.AfterUpgrade {
		m.trigger(in.Now, Firmware) // FV-UP-4
	}
}

func (m *Machine) armPeriodic(in Input) {
	if d, on := m.set.Periodic.At(int(m.oks), in.Rand); on {
		m.resync.arm(in.Now+d, Periodic)
	}
}

// settle appends what the state allows now: due marks, a commit, a start.
func (m *Machine) settle(now time.Duration, acts []Action) []Action {
	if m.phase == off {
		return acts
	}
	acts = m.resync.ring(now, Resync, acts)
	acts = m.upgrade.ring(now, Upgrade, acts)
	switch {
	case m.phase == holding:
		return m.commit(acts)
	case m.phase != online || m.job != NoJob:
		return acts
	case m.resync.due:
		return m.start(now, &m.resync, Resync, acts)
	case m.upgrade.due && m.bits&bootResync == 0:
		return m.start(now, &m.upgrade, Upgrade, acts)
	}
	return acts
}

// start begins a due job, or says once that it waits for the lines.
func (m *Machine) start(now time.Duration, t *timer, job Job, acts []Action) []Action {
	if m.startAt(t) > now {
		if t.held {
			return acts
		}
		t.held = true
		return append(acts, Action{Do: Hold, Job: job, Cause: t.cause, Due: t.at})
	}
	a := Action{Do: Start, Job: job, Cause: t.cause, Due: t.at}
	t.disarm()
	if job == Resync {
		m.bits &^= bootResync
	}
	m.job = job
	return append(acts, a)
}

// startAt returns from when on a due job may start, as far as the lines are
// concerned.
func (m *Machine) startAt(t *timer) time.Duration {
	inCall := m.bits&busy != 0
	switch {
	case m.set.ForcedIsDeadline && inCall:
		return t.at + m.set.Forced // FV-RS-8
	case inCall:
		return Never
	case m.set.ForcedIsDeadline, t.cause == Person: // FV-RS-10
		return t.at
	}
	return max(t.at, m.idleAt) // FV-RS-7
}

func (m *Machine) commit(acts []Action) []Action {
	if m.bits&busy != 0 {
		return acts // FV-RS-11
	}
	cause := Config
	if m.job == Upgrade {
		cause = Firmware
	}
	acts = append(acts, Action{Do: Commit, Job: m.job, Cause: cause}, Action{Do: Restart, Job: m.job, Cause: cause})
	m.stop()
	return acts
}

// stop forgets all that is not stored (FV-BOOT-2).
func (m *Machine) stop() { *m = Machine{} }

// Deadline returns the instant by which the machine wants a Tick, or Never
// where only an event can move it.
func (m *Machine) Deadline() time.Duration {
	if m.phase == off {
		return Never
	}
	next := min(m.resync.deadline(), m.upgrade.deadline())
	if m.phase != online || m.job != NoJob {
		return next // what falls due meanwhile is marked so, and waits
	}
	switch {
	case m.resync.due:
		next = min(next, m.startAt(&m.resync))
	case m.upgrade.due && m.bits&bootResync == 0:
		next = min(next, m.startAt(&m.upgrade))
	}
	return next
}

// arm makes the job fall due at an instant, in place of any other.
func (t *timer) arm(at time.Duration, cause Cause) {
	t.at, t.cause, t.due, t.held = at, cause, false, false
}

func (t *timer) disarm() { t.at, t.due, t.held = Never, false, false }

// deadline returns when the job falls due, or Never where it is due already.
func (t *timer) deadline() time.Duration {
	if t.due {
		return Never
	}
	return t.at
}

// ring marks the job due when its time has come.
func (t *timer) ring(now time.Duration, job Job, acts []Action) []Action {
	if t.due || t.at == Never || t.at > now {
		return acts
	}
	t.due = true
	return append(acts, Action{Do: Due, Job: job, Cause: t.cause, Due: t.at})
}

// inc counts up to where no list of delays is longer.
func inc(n uint8) uint8 { return min(n, math.MaxUint8-1) + 1 }
