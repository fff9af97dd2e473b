package flyingvoice

import (
	"fmt"
	"time"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// firmware is what a boot has read from the stored settings, and room for its
// work.
type firmware struct {
	model    *device.Model
	config   profile.Config
	timers   resync.Settings
	warnings []string

	option66 bool
	fileName string
	profile  rule
	upgrade  rule

	syntax   macro.Syntax
	anyChain bool
	anyName  bool
	version  string // the name of the parameter that gates a file

	latest  *source            // that of the latest device
	sources map[string]*source // by option 66
	text    []byte
	asks    device.Request
	says    device.Verdict
}

// rule is a rule of the settings, or why it is none.
type rule struct {
	profile.Rule
	err error
}

// boot reads the settings that are in force until the next boot.
func boot(m *device.Model, config profile.Config) device.Firmware {
	r := reader{model: m, config: config}
	version, _ := m.Parameters.First(profile.Version)
	f := &firmware{
		model: m, config: config, syntax: syntax(m.Quirks), version: version.Name,
		anyChain: m.Quirks.On(tlsNoVerify), anyName: m.Quirks.On(tlsNoHostname),
	}
	f.timers = resync.Settings{
		Provision:    r.on(provisionEnable),
		OnReset:      r.on(resyncOnReset),
		RandomDelay:  r.seconds(resyncRandomDelay),
		Periodic:     r.delays(resyncPeriodic),
		ErrorRetry:   r.delays(resyncErrorRetry),
		Forced:       r.seconds(forcedResyncDelay),
		AfterUpgrade: r.on(resyncAfterUpgrade),
		Upgrade:      r.on(upgradeEnable),
		UpgradeRetry: r.delays(upgradeErrorRetry),

		ForcedIsDeadline: m.Quirks[forcedResync] == "deadline",
	}
	f.option66 = r.on(option66)
	f.fileName = r.text(configFileName)
	f.profile.Rule, f.profile.err = profile.ParseRule(r.text(profileRule))
	f.upgrade.Rule, f.upgrade.err = profile.ParseUpgradeRule(r.text(upgradeRule))
	f.warnings = r.warnings
	return f
}

func (f *firmware) Config() profile.Config { return f.config }

func (f *firmware) Timers() *resync.Settings { return &f.timers }

func (f *firmware) Warnings() []string { return f.warnings }

// reader reads settings by their web names. A stored value that is out of its
// range counts as not stored (FV-CFG-5).
type reader struct {
	model    *device.Model
	config   profile.Config
	warnings []string
}

func (r *reader) text(web string) string {
	p, ok := r.model.Parameters.Find(web)
	if !ok {
		r.warnings = append(r.warnings, fmt.Sprintf("%s is no known setting", web))
		return ""
	}
	value, stored := r.config.Get(p.Name)
	if !stored {
		return p.Default
	}
	if err := check(r.model.Quirks, p, value); err != nil {
		r.warnings = append(r.warnings, fmt.Sprintf("stored %s: %v; its default counts", web, err))
		return p.Default
	}
	return value
}

func (r *reader) on(web string) bool { return r.text(web) == "1" }

func (r *reader) delays(web string) resync.Delays {
	d, err := resync.ParseDelays(r.text(web), r.model.Quirks.On(delayLists))
	if err != nil { // a default that does not parse: the tests hold that there is none
		return nil
	}
	return d
}

func (r *reader) seconds(web string) time.Duration {
	d, _ := r.delays(web).At(0, 0)
	return d
}

// check says whether a known setting takes a value, in the grammar of the
// quirks. A rule takes any text: the device stores what it is given, and fails
// with bad-rule when it uses it.
func check(q device.Quirks, p profile.Parameter, value string) error {
	if p.Type == profile.ProfileRule || p.Type == profile.UpgradeRule {
		return nil
	}
	if p.Type == profile.Seconds && takesLists(p.Web) && q.On(delayLists) {
		p.Type = profile.Delays
	}
	return p.Check(value)
}
