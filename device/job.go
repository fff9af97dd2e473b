package device

import "provsim/resync"

// tell hands an input to the resync machine and does what it asks for.
func (s *step) tell(in resync.Input) {
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
		e := s.event(eventKind(a.Job, ResyncDue, UpgradeDue))
		e.Job, e.Cause, e.Due = a.Job, a.Cause, a.Due
	case resync.Hold:
		s.say(Event{Kind: ResyncWait, Job: a.Job, Cause: a.Cause, Due: a.Due})
	case resync.Start:
		s.start(a)
	case resync.Commit:
		s.commit(a.Cause)
	case resync.Restart:
		s.stop()
		s.down(a.Cause)
	}
}

func eventKind(job resync.Job, ofResync, ofUpgrade EventKind) EventKind {
	if job == resync.Upgrade {
		return ofUpgrade
	}
	return ofResync
}

// start asks the server, or ends the job where there is nothing to ask.
func (s *step) start(a *resync.Action) {
	req, url, verdict := s.firmware.Request(s.Device, a.Job)
	s.job, s.began, s.url, s.same = a.Job, s.now, url, a.Job == resync.Resync
	e := s.event(eventKind(a.Job, ResyncStart, UpgradeStart))
	e.Job, e.Cause, e.Due, e.URL = a.Job, a.Cause, a.Due, url
	if verdict.Outcome != resync.None {
		s.end(verdict, &Reply{})
		return
	}
	s.transfer++
	fx := s.add(Fetch)
	fx.Job, fx.Transfer, fx.Request = a.Job, s.transfer, req
}

// end journals what the job has come to and tells the machine. What is to be
// applied waits in the device until the machine commits it.
func (s *step) end(v *Verdict, r *Reply) {
	job := s.job
	for _, e := range v.Events {
		s.say(e)
	}
	e := s.event(eventKind(job, ResyncDone, UpgradeDone))
	e.Job, e.Outcome, e.URL, e.Version, e.Note = job, v.Outcome, s.url, v.Version, v.Note
	e.Took, e.Bytes, e.Status, e.Tries, e.Local = s.now-s.began, r.Bytes, r.Status, r.Tries, r.Local
	if v.Outcome == resync.Applied {
		waiting := *v
		s.verdict = &waiting
	} else {
		s.job = resync.NoJob
		if job == resync.Resync && v.Outcome.Success() && !s.model.Epoch.IsZero() {
			s.save(s.succeeded(*s.stored))
		}
	}
	s.tell(resync.Input{
		Kind: resync.Done, Job: job, Outcome: v.Outcome,
		Rand: draw(s.model.Seed, s.mac, drawDone, s.transfer),
	})
}

// commit stores what the job brought, together with the cause of the reboot
// that follows, in one step (FV-CFG-4, FV-UP-5).
func (s *step) commit(cause resync.Cause) {
	next, events := s.verdict.Commit(*s.stored)
	if s.job == resync.Resync {
		next = s.succeeded(next)
	}
	next.Cause = cause
	s.save(next)
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
