package flyingvoice

import (
	"errors"
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// Request says what to fetch (FV-SRC, FV-RULE, FV-UP).
func (f *firmware) Request(d *device.Device, job resync.Job) (*device.Request, string, *device.Verdict) {
	var target profile.Target
	if job == resync.Upgrade {
		target, f.says = f.upgradeTarget(d)
	} else {
		s := f.source(d)
		if url, ok := f.aim(s, d); ok {
			s.asks.Path = url[len(s.prefix):]
			f.sign(&s.asks, d)
			return &s.asks, url, &s.says
		}
		target, f.says = f.profileTarget(s, d)
	}
	req := f.request(d, job, target)
	if req == nil {
		return nil, "", &f.says
	}
	return req, req.URL(), &f.says
}

func (f *firmware) profileTarget(s *source, d *device.Device) (profile.Target, device.Verdict) {
	switch {
	case s.err != nil:
		return profile.Target{}, refusal(s.err)
	case s.rule.IsZero():
		// FV-RULE-7: no rule is no failure, and there is nothing that could differ.
		return profile.Target{}, device.Verdict{Outcome: resync.Unchanged, Note: "Profile Rule is empty, nothing is fetched"}
	}
	target, err := s.rule.Expand(f.expansion(d)).Target(s.server)
	if err != nil {
		return profile.Target{}, refusal(err)
	}
	return target, s.says
}

func (f *firmware) upgradeTarget(d *device.Device) (profile.Target, device.Verdict) {
	if f.upgrade.err != nil {
		return profile.Target{}, refusal(f.upgrade.err)
	}
	target, err := f.upgrade.Expand(f.expansion(d)).Target(server(d.Lease().Option66))
	switch {
	case err != nil:
		return profile.Target{}, refusal(err)
	case target.Scheme == "https" && !f.model.Quirks.On(httpsUpgrade):
		return target, device.Verdict{
			Outcome: resync.HTTPSUpgrade,
			Note:    "Upgrade Rule must not use https, use http or tftp (FV-UP-3)",
		}
	}
	return target, device.Verdict{}
}

// UpgradeWanted compares the rule's expansion with the upgrade done last
// (FV-UP-2). A rule that cannot be used is tried, so that it fails in the
// journal.
func (f *firmware) UpgradeWanted(d *device.Device) bool {
	if f.upgrade.err == nil && f.upgrade.IsZero() {
		return false
	}
	target, _ := f.upgradeTarget(d)
	req := f.request(d, resync.Upgrade, target)
	return req == nil || req.URL() != d.Stored().UpgradeURL
}

func (f *firmware) expansion(d *device.Device) (macro.Vars, macro.Syntax) {
	return phoneVars{d}, f.syntax
}

// request fills in the request for a target, or returns nil where there is none.
func (f *firmware) request(d *device.Device, job resync.Job, t profile.Target) *device.Request {
	if t.Scheme == "" {
		return nil
	}
	f.asks = f.anyonesRequest(job, t)
	f.sign(&f.asks, d)
	return &f.asks
}

// anyonesRequest returns a request without what is a device's own.
func (f *firmware) anyonesRequest(job resync.Job, t profile.Target) device.Request {
	limit := f.model.ConfigLimit
	if job == resync.Upgrade {
		limit = f.model.FirmwareLimit
	}
	return device.Request{
		Job: job, Scheme: t.Scheme, Host: t.Host, Port: t.Port, Path: t.Path, User: t.User, Password: t.Password,
		Limit: limit, Timeout: f.model.Timeout, TFTP: f.model.TFTP,
		TLS: device.TLSOptions{AnyChain: f.anyChain, AnyName: f.anyName}, By: f.model.Personality,
	}
}

// sign adds to a request what is a device's own.
func (f *firmware) sign(r *device.Request, d *device.Device) {
	r.TLS.Certificates = d.Stored().Certificates
	mk := d.Make()
	r.From.MAC, r.From.Product, r.From.Hardware, r.From.Software = d.MAC(), mk.Product, mk.Hardware, d.Software()
	if f.model.Agent != "" {
		v, s := f.expansion(d)
		r.Agent = macro.Expand(f.model.Agent, v, s)
	}
}

// server returns the host that option 66 names, with its port for TFTP, for
// rules without a host (FV-RULE-3).
func server(option66 string) string {
	r, _, err := profile.ParseOption66(option66, "x")
	if err != nil {
		return ""
	}
	host := r.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if r.Port == "" || r.Scheme != "tftp" { // the port of another scheme's URL is not TFTP's
		return host
	}
	return host + ":" + r.Port
}

// refusal turns a rule's error into what the job has come to.
func refusal(err error) device.Verdict {
	if errors.Is(err, profile.ErrNoServer) {
		return device.Verdict{Outcome: resync.NoServer, Note: "no server: the lease has no option 66, and the rule names no host"}
	}
	return device.Verdict{Outcome: resync.BadRule, Note: err.Error()}
}
