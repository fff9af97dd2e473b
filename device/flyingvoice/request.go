package flyingvoice

import (
	"errors"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// Next says what to fetch (FV-SRC, FV-RULE, FV-UP), and what follows from the reply. A
// job is one transfer.
func (f *firmware) Next(d *device.Device, job resync.Job, reply *device.Reply) *device.Move {
	f.move = device.Move{}
	if reply == nil {
		f.ask(d, job)
	} else {
		f.judge(d, job, reply)
	}
	return &f.move
}

func (f *firmware) ask(d *device.Device, job resync.Job) {
	m := &f.move
	var target profile.Target
	if job == resync.Upgrade {
		target, m.Ending = f.upgradeTarget(d)
	} else {
		s := f.source(d)
		if url, ok := f.url(s, d); ok {
			f.personalise(&s.request, d)
			m.Request, m.URL, m.Note = &s.request, url, s.note
			return
		}
		target, m.Ending = f.profileTarget(s, d)
	}
	if m.Request = f.requestFor(d, job, target); m.Request != nil {
		m.URL = m.Request.URL()
	}
}

// rule returns the rule that counts, and a note on it: that of option 66 where it
// is on, else Profile Rule, and never one in place of the other (FV-SRC-1,
// FV-SRC-2).
func (f *firmware) rule(option66 string) (r rule.Rule, note string, err error) {
	if !f.option66 {
		return f.profile.Rule, "", f.profile.err
	}
	r, extended, err := rule.ParseOption66(option66, f.fileName)
	if extended {
		note = "option 66 holds a URL, which the guide does not describe (FV-SRC-4)"
	}
	return r, note, err
}

func (f *firmware) profileTarget(s *source, d *device.Device) (profile.Target, device.Ending) {
	switch {
	case s.err != nil:
		return profile.Target{}, refusal(d, s.err)
	case s.rule.IsZero():
		// FV-RULE-7: no rule is no failure, and there is nothing that could differ.
		return profile.Target{}, device.Ending{Outcome: resync.Unchanged, Note: "Profile Rule is empty, nothing is fetched"}
	}
	target, err := s.rule.Expand(f.expansion(d)).Target(s.server)
	if err != nil {
		return profile.Target{}, refusal(d, err)
	}
	return target, device.Ending{Note: s.note}
}

func (f *firmware) upgradeTarget(d *device.Device) (profile.Target, device.Ending) {
	if f.upgrade.err != nil {
		return profile.Target{}, refusal(d, f.upgrade.err)
	}
	target, err := f.upgrade.Expand(f.expansion(d)).Target(rule.ServerOf(d.Lease().Offer.Text(66)))
	switch {
	case err != nil:
		return profile.Target{}, refusal(d, err)
	case target.Scheme == "https" && !f.model.Quirks.On(httpsUpgrade):
		return target, device.Ending{
			Outcome: resync.HTTPSUpgrade, Final: true,
			Note: "Upgrade Rule must not use https, use http or tftp (FV-UP-3)",
		}
	}
	return target, device.Ending{}
}

// Wanted compares the rule's expansion with the upgrade done last
// (FV-UP-2). A rule that cannot be used is tried, so that it fails in the
// journal.
func (f *firmware) Wanted(d *device.Device, _ resync.Job) bool {
	if f.upgrade.err == nil && f.upgrade.IsZero() {
		return false
	}
	target, _ := f.upgradeTarget(d)
	req := f.requestFor(d, resync.Upgrade, target)
	return req == nil || req.URL() != d.Stored().UpgradeURL
}

func (f *firmware) expansion(d *device.Device) (macro.Vars, macro.Syntax) {
	return device.LiveVars{Device: d}, f.syntax
}

// requestFor returns the request for a target, or nil where there is no target.
func (f *firmware) requestFor(d *device.Device, job resync.Job, t profile.Target) *device.Request {
	if t.Scheme == "" {
		return nil
	}
	f.request = f.baseRequest(job, t)
	f.personalise(&f.request, d)
	return &f.request
}

// baseRequest returns a request without what is a device's own.
func (f *firmware) baseRequest(job resync.Job, t profile.Target) device.Request {
	limit, class := f.model.ConfigLimit, device.ConfigClass
	if job == resync.Upgrade {
		limit, class = f.model.FirmwareLimit, device.ImageClass
	}
	return device.Request{
		Target: t, Job: job, Class: class,
		Limit: limit, Timeout: f.model.Timeout, TFTP: f.model.TFTP,
		TLS: f.tls, NoHTTPS: job == resync.Upgrade && !f.model.Quirks.On(httpsUpgrade), By: f.model.Personality,
	}
}

// personalise adds to a request what is a device's own.
func (f *firmware) personalise(r *device.Request, d *device.Device) {
	d.Personalise(r)
	if f.model.Agent != "" {
		v, s := f.expansion(d)
		r.Agent = macro.Expand(f.model.Agent, v, s)
	}
}

// refusal turns a rule's error into the job's ending.
func refusal(d *device.Device, err error) device.Ending {
	switch {
	case err == rule.ErrNoServer:
		return d.NoServer("no server: the lease has no option 66, and the rule names no host", serverOptions...)
	case errors.Is(err, rule.ErrNoServer): // an address of no server (FV-SRC-6)
		return device.Ending{Outcome: resync.NoServer, Note: err.Error()}
	}
	return device.Ending{Outcome: resync.BadRule, Note: err.Error()}
}
