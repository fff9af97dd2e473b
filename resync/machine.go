package resync

import (
	"math"
	"time"
)

// Machine is when a device does its jobs (FV-RS, FV-UP). The zero value is a device
// without power; a Boot starts it. It allocates nothing and is copied by
// assignment.
type Machine struct {
	set    *Settings
	timers [2]timer      // of the jobs of the settings
	idleAt time.Duration // from here on the lines have been idle for long enough (FV-RS-7)
	phase  phase
	job    Job
	bits   bits8
}

// timer is when one job falls due. The success and the error delay share it,
// so they are never both armed (FV-RS-5).
type timer struct {
	at    time.Duration
	cause Cause
	due   bool  // at has passed: the job is to start as soon as it may
	held  bool  // Hold was said of it
	fails uint8 // failures in a row, to pick a delay from a list
	oks   uint8 // successes in a row, for the same purpose
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
	busy      bits8 = 1 << iota // a line is active
	wasOnline                   // the device has had an address since it booted
	atBoot                      // the first job at boot has not started yet; the bit of the second follows
	_                           // that bit
	occupied                    // the running job is one of Occupy
	allBits   = occupied<<1 - 1
)

// Step tells the machine what happened and appends what is to be done to acts.
// An input that does not fit, such as the end of a job that does not run, is
// ignored. Step does not change or keep it.
func (m *Machine) Step(in *Input, acts []Action) []Action {
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
			m.idleAt = in.Now + m.set.Idle
		}
	case Trigger:
		m.trigger(in.Now, in.Job, in.Cause)
	case Done:
		m.done(in)
	case Dropped:
		if i := m.slot(in.Job); i >= 0 {
			m.armEvery(i, in)
		}
	case PowerOff:
		m.stop()
		return acts
	}
	return m.settle(in.Now, acts)
}

// boot starts the firmware: FV-RS-2 decides whether a job is due.
func (m *Machine) boot(in *Input) {
	*m = Machine{set: in.Settings, phase: booted}
	for i := range m.timers {
		t, s := &m.timers[i], &m.set.Jobs[i]
		t.at = Never
		switch {
		case s.Job == NoJob: // FV-RS-1
		case s.AtBoot.Has(in.Cause):
			m.bits |= atBoot << i
		case s.FromBoot:
			m.armEvery(i, in) // FV-RS-4
		}
	}
}

// goOnline starts what waits for an address. A renewed address changes nothing,
// and one that comes back only lets go on what waited for it.
func (m *Machine) goOnline(in *Input) {
	if m.phase != booted {
		return
	}
	m.phase = online
	if m.bits&wasOnline != 0 {
		return
	}
	m.bits |= wasOnline
	for i := range m.timers {
		s := &m.set.Jobs[i]
		switch {
		case m.bits&(atBoot<<i) == 0 || m.timers[i].due:
		case s.IfWanted && !in.Wanted[i]:
			m.bits &^= atBoot << i
		default:
			// FV-RS-3: this is the only attempt that waits a random time.
			m.timers[i].arm(in.Now+Uniform(in.Rand, s.Spread), AtBoot)
		}
	}
}

// trigger makes a job due at once, or joins the one that is due or running
// (FV-RS-9).
func (m *Machine) trigger(now time.Duration, job Job, cause Cause) {
	i := m.slot(job)
	if i < 0 || m.job == job { // FV-RS-1
		return
	}
	t := &m.timers[i]
	if t.due {
		if cause == Person { // the due one need not wait for the counter any more
			t.cause = Person
		}
		return
	}
	t.arm(now, cause)
}

// slot returns which of the settings' jobs one is, or -1.
func (m *Machine) slot(job Job) int {
	if job == NoJob {
		return -1
	}
	for i := range m.set.Jobs {
		if m.set.Jobs[i].Job == job {
			return i
		}
	}
	return -1
}

// done books the outcome of the running job.
func (m *Machine) done(in *Input) {
	if in.Job != m.job || m.job == NoJob || m.phase == holding || in.Outcome == None {
		return
	}
	if in.Outcome == Applied && !in.Stays {
		m.phase = holding
		return
	}
	m.job = NoJob
	i := m.slot(in.Job)
	if m.bits&occupied != 0 || i < 0 { // no timer is for the job; or the settings that were loaded meanwhile do not have it
		m.bits &^= occupied
		return
	}
	t, s := &m.timers[i], &m.set.Jobs[i]
	if in.Outcome.Success() {
		t.fails = 0
		m.armEvery(i, in)
		t.oks = inc(t.oks)
		return
	}
	t.oks = 0
	if in.Final {
		return // FV-UP-3: no contact was made, and none will be until the next boot
	}
	if d, on := s.Retry.At(int(t.fails), in.Rand); on {
		t.arm(in.Now+d, Retry)
	} else {
		m.armEvery(i, in) // FV-RS-6
	}
	t.fails = inc(t.fails)
	m.trigger(in.Now, s.Joins, Firmware) // FV-UP-4
}

// Free reports whether the device has an address and no job runs.
func (m *Machine) Free() bool { return m.phase == online && m.job == NoJob }

// Occupy begins a job that no timer is for, on a machine that is free: what somebody
// outside has the device do. It ends by Done like any other, and moves no timer.
func (m *Machine) Occupy(job Job) {
	m.job = job
	m.bits |= occupied
}

// armEvery makes a job due after its period, or at its time of day.
func (m *Machine) armEvery(i int, in *Input) {
	t, s := &m.timers[i], &m.set.Jobs[i]
	if s.Daily != nil {
		t.arm(s.Daily.next(in.Now, m.set.Begin, in.Rand, in.MAC), Periodic)
	} else if d, on := s.Every.At(int(t.oks), in.Rand); on {
		from := in.Now
		if s.FromStart && in.Kind == Done {
			from = in.Began
		}
		t.arm(from+d, Periodic)
	}
}

// settle appends what the state allows now: due marks, a commit, a start.
func (m *Machine) settle(now time.Duration, acts []Action) []Action {
	for i := range m.timers {
		if t := &m.timers[i]; !t.due && t.at <= now {
			t.due = true
			acts = append(acts, Action{Do: Due, Job: m.set.Jobs[i].Job, Cause: t.cause, Due: t.at})
		}
	}
	if m.phase == holding {
		return m.commit(acts)
	}
	for i := range m.timers {
		if m.mayStart(i) {
			acts = m.start(now, i, acts)
		}
	}
	return acts
}

// mayStart reports whether a job is due and may start as far as the address and the
// other job are concerned. The second job waits while the first is due, unless it has
// nothing to do with what the first waits for.
func (m *Machine) mayStart(i int) bool {
	if !m.timers[i].due || m.phase != online || m.job != NoJob {
		return false
	}
	s := &m.set.Jobs[i]
	if s.Yields && m.bits&(atBoot<<(1-i)) != 0 {
		return false
	}
	return i == 0 || !m.timers[0].due || s.Lines == IgnoresThem
}

// start begins a due job, says once that it waits for the lines, or drops it.
func (m *Machine) start(now time.Duration, i int, acts []Action) []Action {
	t, job := &m.timers[i], m.set.Jobs[i].Job
	if m.startAt(i) > now {
		if t.held {
			return acts
		}
		t.held = true
		return append(acts, Action{Do: Hold, Job: job, Cause: t.cause, Due: t.at})
	}
	a := Action{Do: Start, Job: job, Cause: t.cause, Due: t.at}
	t.disarm()
	m.bits &^= atBoot << i
	if m.set.Jobs[i].GivesUp > 0 && m.bits&busy != 0 {
		a.Do = Drop
		return append(acts, a)
	}
	m.job = job
	return append(acts, a)
}

// startAt returns from when on a due job may start, or is dropped, as far as the lines
// are concerned.
func (m *Machine) startAt(i int) time.Duration {
	t, s := &m.timers[i], &m.set.Jobs[i]
	lines := s.Lines
	inCall := m.bits&busy != 0
	switch {
	case lines == IgnoresThem:
		return t.at
	case lines == BreaksIn && inCall:
		return t.at + m.set.Idle // FV-RS-8
	case inCall && s.GivesUp > 0:
		return t.at + s.GivesUp
	case inCall:
		return Never
	case s.Looks > 0:
		waited := max(m.idleAt-t.at, 0)
		return t.at + (waited+s.Looks-1)/s.Looks*s.Looks
	case lines == BreaksIn, t.cause == Person: // FV-RS-10
		return t.at
	}
	return max(t.at, m.idleAt) // FV-RS-7
}

func (m *Machine) commit(acts []Action) []Action {
	if m.bits&busy != 0 {
		return acts // FV-RS-11
	}
	cause := Config
	switch m.job {
	case Upgrade:
		cause = Firmware
	case KeepAlive: // its answer has asked for the reboot
		cause = Person
	}
	acts = append(acts, Action{Do: Commit, Job: m.job, Cause: cause}, Action{Do: Restart, Job: m.job, Cause: cause})
	m.stop()
	return acts
}

// Holding reports whether the running job has ended well and waits to be stored
// (FV-RS-11).
func (m *Machine) Holding() bool { return m.phase == holding }

// stop forgets all that is not stored (FV-BOOT-2).
func (m *Machine) stop() { *m = Machine{} }

// Deadline returns the instant by which the machine wants a Tick, or Never
// where only an event can move it.
func (m *Machine) Deadline() time.Duration {
	if m.phase == off {
		return Never
	}
	next := Never
	for i := range m.timers {
		switch {
		case !m.timers[i].due:
			next = min(next, m.timers[i].at)
		case m.mayStart(i):
			next = min(next, m.startAt(i))
		}
	}
	return next
}

// arm makes the job fall due at an instant, in place of any other.
func (t *timer) arm(at time.Duration, cause Cause) {
	t.at, t.cause, t.due, t.held = at, cause, false, false
}

func (t *timer) disarm() { t.at, t.due, t.held = Never, false, false }

// inc counts up to where no list of delays is longer.
func inc(n uint8) uint8 { return min(n, math.MaxUint8-1) + 1 }
