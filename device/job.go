package device

import "provsim/resync"

// tell hands an input to the resync machine and does what it asks for.
func (s *step) tell(in resync.Input) {
	in.Now = s.now
	var room [4]resync.Action
	for _, a := range s.machine.Step(in, room[:0]) {
		s.act(a)
	}
}

func (s *step) act(a resync.Action) {
	switch a.Do {
	case resync.Due:
		s.say(Event{Kind: kind(a.Job, ResyncDue, UpgradeDue), Job: a.Job, Cause: a.Cause, Due: a.Due})
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

func kind(job resync.Job, ofResync, ofUpgrade EventKind) EventKind {
	if job == resync.Upgrade {
		return ofUpgrade
	}
	return ofResync
}

// start asks the server, or ends the job where there is nothing to ask.
func (s *step) start(a resync.Action) {
	req, verdict := s.firmware.Request(s.Device, a.Job)
	s.job = running{job: a.Job, began: s.now}
	if req.Scheme != "" {
		s.job.url = req.URL()
	}
	s.say(Event{Kind: kind(a.Job, ResyncStart, UpgradeStart), Job: a.Job, Cause: a.Cause, Due: a.Due, URL: s.job.url})
	if verdict.Outcome != resync.None {
		s.end(verdict, Reply{})
		return
	}
	s.transfer++
	s.fx = append(s.fx, Effect{Do: Fetch, Job: a.Job, Transfer: s.transfer, Request: &req})
}

// replied ends the job whose transfer has ended. A reply to another one comes
// too late and is ignored.
func (s *step) replied(in Input) {
	if in.Transfer != s.transfer || s.job.job == resync.NoJob || s.job.verdict.Outcome != resync.None {
		return
	}
	verdict := s.firmware.Judge(s.Device, s.job.job, in.Reply)
	s.end(verdict, in.Reply)
}

// end journals what the job has come to and tells the machine. What is to be
// applied waits in the job until the machine commits it.
func (s *step) end(v Verdict, r Reply) {
	job := s.job
	for _, e := range v.Events {
		s.say(e)
	}
	s.say(Event{
		Kind: kind(job.job, ResyncDone, UpgradeDone), Job: job.job, Outcome: v.Outcome, URL: job.url,
		Took: s.now - job.began, Bytes: r.Bytes, Tries: r.Tries, Local: r.Local, Version: v.Version, Note: v.Note,
	})
	s.job.verdict = v
	if v.Outcome != resync.Applied {
		s.job = running{}
		if job.job == resync.Resync && v.Outcome.Success() && !s.model.Epoch.IsZero() {
			s.save(s.succeeded(*s.stored))
		}
	}
	s.tell(resync.Input{
		Kind: resync.Done, Job: job.job, Outcome: v.Outcome,
		Rand: draw(s.model.Seed, s.id.MAC, drawDone, s.transfer),
	})
}

// commit stores what the job brought, together with the cause of the reboot
// that follows, in one step (FV-CFG-4, FV-UP-5).
func (s *step) commit(cause resync.Cause) {
	next, events := s.job.verdict.Commit(*s.stored)
	if s.job.job == resync.Resync {
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
