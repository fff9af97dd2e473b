package device

import (
	"fmt"

	"provsim/resync"
)

// tell hands an input, whose instant it fills in, to the resync machine and does what it
// asks for.
func (s *step) tell(in *resync.Input) {
	in.Now = s.now
	var room [4]resync.Action
	acts := s.machine.Step(in, room[:0])
	for i := range acts {
		s.act(&acts[i])
	}
}

func (s *step) act(a *resync.Action) {
	switch a.Do {
	case resync.Due:
		s.due(a)
	case resync.Hold:
		s.say(Event{Kind: ResyncWait, Job: a.Job, Cause: a.Cause, Due: a.Due})
	case resync.Start:
		s.start(a)
	case resync.Commit:
		s.commit(a.Cause, true)
	case resync.Restart:
		s.stop()
		s.down(a.Cause)
	case resync.Drop:
		s.say(Event{Kind: Warned, Job: a.Job, Cause: a.Cause, Note: fmt.Sprintf("the %v is dropped: a call has held it for %v", a.Job, s.now-a.Due)})
		s.tell(&resync.Input{Kind: resync.Dropped, Job: a.Job, Rand: draw(s.model.Seed, s.mac, drawDone, s.transfer), MAC: s.mac.number()})
	}
}

// due journals that a job fell due. A keep-alive is due too often for that.
func (s *step) due(a *resync.Action) {
	kind := ResyncDue
	switch a.Job {
	case resync.Upgrade:
		kind = UpgradeDue
	case resync.KeepAlive:
		return
	}
	e := s.event(kind)
	e.Job, e.Cause, e.Due = a.Job, a.Cause, a.Due
}

func startOf(job resync.Job) EventKind {
	switch job {
	case resync.Upgrade:
		return UpgradeStart
	case resync.KeepAlive:
		return KeepAliveStart
	}
	return ResyncStart
}

func doneOf(job resync.Job) EventKind {
	switch job {
	case resync.Upgrade:
		return UpgradeDone
	case resync.KeepAlive:
		return KeepAliveDone
	}
	return ResyncDone
}

// askReport sends a report at once. The machine does not know of it: a report has no
// timer and no retry.
func (s *step) askReport(in *Input) {
	if s.job != resync.NoJob {
		s.say(Event{Kind: Warned, Job: resync.KeepAlive, Note: "a report was asked for, but another job is under way"})
		return
	}
	s.start(&resync.Action{Job: resync.KeepAlive, Cause: in.Cause, Due: s.now})
}

// order begins an order: a job that finds it in its draft, and that moves no timer.
func (s *step) order(in *Input) {
	if !s.Free() {
		s.say(Event{Kind: Warned, Job: resync.KeepAlive, Note: "an order has come while another job is under way, and is dropped"})
		return
	}
	s.machine.Occupy(resync.KeepAlive)
	s.draft = ordered(Order(in.Note))
	s.start(&resync.Action{Job: resync.KeepAlive, Cause: in.Cause, Due: s.now})
}

// ask makes a job due. A rule that is given for it counts for the job that starts now,
// and so it is refused where the job would have to wait. The person can try again.
func (s *step) ask(job resync.Job, in *Input) {
	if in.Rule != "" && (s.lines != 0 || s.job != resync.NoJob) {
		s.say(Event{Kind: Warned, Job: job, Note: "a rule was given, but a line is active or another job under way"})
		return
	}
	s.given, s.givenFor = in.Rule, job
	s.tell(&resync.Input{Kind: resync.Trigger, Job: job, Cause: in.Cause})
	if s.given != "" {
		s.say(Event{Kind: Warned, Job: job, Note: "a rule was given, but the job has to wait; the rule of the settings will count then"})
	}
}

// start begins a job.
func (s *step) start(a *resync.Action) {
	if s.job == resync.KeepAlive { // a report, which the machine has not waited for
		if s.inFlight() {
			s.fx = append(s.fx, Effect{Do: Cancel, Transfer: s.transfer})
		}
		s.forget()
		s.say(Event{Kind: Warned, Job: resync.KeepAlive, Note: "the report is given up: another job begins"})
	}
	given := s.given != "" && s.givenFor == a.Job
	if given {
		s.draft, s.given = ordered(Order(s.given)), ""
	}
	m := s.firmware.Next(s.Device, a.Job, nil)
	s.job, s.began = a.Job, s.now
	if s.take(m); !given {
		s.steady = a.Job
	}
	e := s.event(startOf(a.Job))
	e.Job, e.Cause, e.Due, e.URL = a.Job, a.Cause, a.Due, m.URL
	s.proceed(m, nil)
}

// answered goes on with the running job when a reply has come.
func (s *step) answered(r *Reply) {
	m := s.firmware.Next(s.Device, s.job, r)
	if m.Outcome == resync.None {
		s.transferred(m, r)
		s.take(m)
	}
	s.proceed(m, r)
}

// goOn continues a job whose pause is over.
func (s *step) goOn() {
	s.pauses, s.waits = false, false
	m := s.firmware.Next(s.Device, s.job, nil)
	s.take(m)
	s.proceed(m, nil)
}

// transferred journals a reply that does not end the job.
func (s *step) transferred(m *Move, r *Reply) {
	e := s.event(Transferred)
	e.Job, e.Outcome, e.URL, e.Note, e.Expected = s.job, r.Outcome, s.url, m.ReplyNote, m.Expected
	if e.Note == "" {
		e.Note = r.Note
	}
	e.Took, e.Method, e.Class = s.now-s.asked, s.method, s.class
	e.Bytes, e.Status, e.Tries, e.Local = r.Bytes, r.Status, r.Tries, r.Local
}

// take keeps what the conversation needs until the next reply.
func (s *step) take(m *Move) {
	s.stage, s.draft, s.url, s.steady = m.Stage, m.Draft, m.URL, resync.NoJob
}

// proceed asks for what the job wants next, or ends it. The reply is nil at the begin of
// a job and after a pause.
func (s *step) proceed(m *Move, r *Reply) {
	if m.Outcome != resync.None {
		s.end(m, r)
		return
	}
	if m.Request == nil {
		s.pauses, s.asked, s.waits = true, s.now+m.Wait, m.Ask != AskNothing
		switch m.Ask {
		case AskAgain:
			s.fx = append(s.fx, Effect{Do: AskLease, Ask: m.Ask})
		case AskOptions:
			s.fx = append(s.fx, Effect{Do: AskMore})
		}
		return
	}
	s.transfer++
	s.asked, s.method, s.class = s.now, m.Request.Method, m.Request.Class
	fx := s.add(Fetch)
	fx.Job, fx.Transfer, fx.Request = s.job, s.transfer, m.Request
}

// end journals the job's ending and tells the machine. What a reboot
// follows waits in the device until the machine commits it.
func (s *step) end(m *Move, r *Reply) {
	job, v := s.job, &m.Ending
	for _, e := range v.Events {
		s.say(e)
	}
	e := s.event(doneOf(job))
	e.Job, e.Outcome, e.URL, e.Version, e.Note = job, v.Outcome, s.url, v.Version, v.Note
	e.Took = s.now - s.began
	if r != nil {
		e.Bytes, e.Status, e.Tries, e.Local = r.Bytes, r.Status, r.Tries, r.Local
	}
	then := v.Then // what follows may call the firmware, whose next move takes the place of this one
	stays := v.Outcome == resync.Applied && v.After != Reboot
	kept := v.Keep && m.Draft != nil && v.Outcome != resync.Applied
	switch {
	case stays || kept:
		s.draft = m.Draft
		s.commit(resync.NoCause, v.Outcome.Success())
		if v.After != Remain {
			s.reload()
		}
	case v.Outcome == resync.Applied:
		s.draft = m.Draft
	default:
		s.forget()
		if job == resync.Resync && v.Outcome.Success() && !s.model.Epoch.IsZero() {
			s.save(s.succeeded(*s.stored))
		}
	}
	s.tell(&resync.Input{
		Kind: resync.Done, Job: job, Outcome: v.Outcome, Stays: stays, Final: v.Final, Began: s.began,
		Rand: draw(s.model.Seed, s.mac, drawDone, s.transfer), MAC: s.mac.number(),
	})
	if then != ThenNothing && s.firmware != nil {
		s.obey(then)
	}
}

// forget ends the running job.
func (s *step) forget() {
	s.job, s.stage, s.draft, s.pauses, s.waits = resync.NoJob, 0, nil, false, false
}

// reload puts the stored settings in force without a reboot.
func (s *step) reload() {
	s.firmware, s.steady = s.model.Memo.boot(s.model, s.product.Name, s.stored.Config), resync.NoJob
	s.machine.Resume(s.firmware.Timers())
	for _, w := range s.firmware.Warnings() {
		s.say(Event{Kind: Warned, Note: w})
	}
}

// obey does what the job has asked for.
func (s *step) obey(then Then) {
	switch then {
	case ThenResync:
		s.tell(&resync.Input{Kind: resync.Trigger, Job: resync.Resync, Cause: resync.Notify})
	case ThenUpgrade:
		s.tell(&resync.Input{Kind: resync.Trigger, Job: resync.Upgrade, Cause: resync.Notify})
	case ThenKeepAlive:
		s.tell(&resync.Input{Kind: resync.Trigger, Job: resync.KeepAlive, Cause: resync.Config})
	case ThenReboot:
		s.reboot(*s.stored, resync.Person)
	case ThenReset:
		s.factoryReset()
	}
}

// commit stores what the job brought, together with the cause of the reboot
// that follows, if one does, in one step (FV-CFG-4, FV-UP-5). The job has ended
// well, or what it brought before it failed stays.
func (s *step) commit(cause resync.Cause, well bool) {
	next, events := s.firmware.Commit(s.draft, *s.stored)
	if s.job == resync.Resync && well {
		next = s.succeeded(next)
	}
	next.Cause = cause
	s.save(next)
	s.forget()
	for _, e := range events {
		s.say(e)
	}
}

// succeeded notes the time of a successful resync (FV-BOOT-2).
func (s *step) succeeded(next Stored) Stored {
	if !s.model.Epoch.IsZero() {
		next.LastSuccess = s.model.Epoch.Add(s.now)
	}
	return next
}
