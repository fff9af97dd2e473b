package resync

import "time"

// Status is what a machine does or waits for, for people to look at.
type Status struct {
	On      bool // the firmware runs
	Online  bool // and has an address
	InCall  bool // a line is active
	Running Job  // the job in flight
	Storing bool // Running has ended well, and waits for idle lines to be stored (FV-RS-11)

	Next   Job           // the job that is due next, or due and waiting
	Cause  Cause         // why
	At     time.Duration // since when or from when on; Never where nothing will be due
	Waits  bool          // Next is due, and waits for the lines
	IdleAt time.Duration // from when on the forced-resync counter is zero (FV-RS-7)
}

// Cause returns why a job, which runs or was the latest of its kind, fell due; that of
// the next one from when its timer is set on.
func (m *Machine) Cause(job Job) Cause {
	if m.set == nil {
		return NoCause
	}
	if i := m.slot(job); i >= 0 {
		return m.timers[i].cause
	}
	return NoCause
}

// Status returns what the machine does or waits for.
func (m *Machine) Status() Status {
	s := Status{At: Never}
	if m.phase == off {
		return s
	}
	s.On, s.Online = true, m.phase != booted
	s.InCall = m.bits&busy != 0
	s.Running, s.Storing = m.job, m.phase == holding
	s.IdleAt = m.idleAt
	next := func(t *timer, job Job) {
		if t.at < s.At {
			s.Next, s.Cause, s.At, s.Waits = job, t.cause, t.at, t.due
		}
	}
	for i := range m.timers {
		job := NoJob // of a machine that was read, and not resumed yet
		if m.set != nil {
			job = m.set.Jobs[i].Job
		}
		next(&m.timers[i], job)
	}
	return s
}
