package flyingvoice

import (
	"errors"
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// userAgent is the form of the vendor's newer phones (FV-HTTP-1).
func userAgent(id device.Identity) string {
	return "Flyingvoice " + id.Product + " " + id.Software + " " + upperColons(id.MAC)
}

func upperColons(mac device.MAC) string {
	m := mac.Upper()
	return m[0:2] + ":" + m[2:4] + ":" + m[4:6] + ":" + m[6:8] + ":" + m[8:10] + ":" + m[10:12]
}

// Request says what to fetch (FV-SRC, FV-RULE, FV-UP).
func (f *firmware) Request(d *device.Device, job resync.Job) (device.Request, device.Verdict) {
	var target profile.Target
	var verdict device.Verdict
	if job == resync.Upgrade {
		target, verdict = f.upgradeTarget(d)
	} else {
		target, verdict = f.profileTarget(d)
	}
	if target.Scheme == "" {
		return device.Request{}, verdict
	}
	return f.request(d, job, target), verdict
}

func (f *firmware) profileTarget(d *device.Device) (profile.Target, device.Verdict) {
	r, note, err := f.profileRule(d)
	switch {
	case err != nil:
		return profile.Target{}, refusal(err)
	case r.IsZero():
		// FV-RULE-7: no rule is no failure, and there is nothing that could differ.
		return profile.Target{}, device.Verdict{Outcome: resync.Unchanged, Note: "Profile Rule is empty, nothing is fetched"}
	}
	target, err := r.Expand(f.expansion(d)).Target(server(d.Lease()))
	if err != nil {
		return profile.Target{}, refusal(err)
	}
	return target, device.Verdict{Note: note}
}

// profileRule returns the rule that counts, unexpanded: that of option 66 or
// Profile Rule, and never one for the other (FV-SRC-1, FV-SRC-2).
func (f *firmware) profileRule(d *device.Device) (r profile.Rule, note string, err error) {
	if !f.option66 {
		return f.profile.Rule, "", f.profile.err
	}
	r, extended, err := profile.ParseOption66(d.Lease().Option66, f.fileName)
	if extended {
		note = "option 66 holds a URL, which the guide does not describe (FV-SRC-4)"
	}
	return r, note, err
}

func (f *firmware) upgradeTarget(d *device.Device) (profile.Target, device.Verdict) {
	if f.upgrade.err != nil {
		return profile.Target{}, refusal(f.upgrade.err)
	}
	target, err := f.upgrade.Expand(f.expansion(d)).Target(server(d.Lease()))
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
	return target.Scheme == "" || f.request(d, resync.Upgrade, target).URL() != d.Stored().UpgradeURL
}

func (f *firmware) expansion(d *device.Device) (macro.Vars, macro.Syntax) {
	return vars{d.Identity(), d.Lease()}, Personality.Macros(f.model.Quirks)
}

func (f *firmware) request(d *device.Device, job resync.Job, t profile.Target) device.Request {
	agent := userAgent(d.Identity())
	if f.model.Agent != "" {
		v, s := f.expansion(d)
		agent = macro.Expand(f.model.Agent, v, s)
	}
	limit := f.model.ConfigLimit
	if job == resync.Upgrade {
		limit = f.model.FirmwareLimit
	}
	return device.Request{
		Scheme: t.Scheme, Host: t.Host, Port: t.Port, Path: t.Path, User: t.User, Password: t.Password,
		Agent: agent, Limit: limit, Timeout: f.model.Timeout, TFTP: f.model.TFTP,
		TLS: device.TLSOptions{
			Certificates: &d.Stored().Certificates,
			AnyChain:     f.model.Quirks.On(tlsNoVerify),
			AnyName:      f.model.Quirks.On(tlsNoHostname),
		},
	}
}

// server returns the host that option 66 names, with its port for TFTP, for
// rules without a host (FV-RULE-3).
func server(lease device.Lease) string {
	r, _, err := profile.ParseOption66(lease.Option66, "x")
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
