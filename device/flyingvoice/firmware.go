package flyingvoice

import (
	"fmt"
	"time"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/profile/rule"
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
	profile  parsedRule
	upgrade  parsedRule

	syntax  macro.Syntax
	tls     device.TLSOptions // without certificates
	version string            // the name of the parameter that gates a file

	sources map[string]*source // by option 66
	latest  *source            // of the latest device
	offer   *device.Offer      // likewise
	request device.Request
	move    device.Move
}

// parsedRule is a rule of the settings, or what is wrong with it.
type parsedRule struct {
	rule.Rule
	err error
}

// boot reads the settings that are in force until the next boot.
func boot(m *device.Model, config profile.Config) device.Firmware {
	r := reader{model: m, config: config}
	version, _ := m.Parameters.First(profile.Version)
	f := &firmware{
		model: m, config: config, syntax: syntax(m.Quirks), version: version.Name,
		tls: device.TLSOptions{
			AnyChain: m.Quirks.On(tlsNoVerify), AnyName: m.Quirks.On(tlsNoHostname), TLSRange: m.TLS,
			RSA: m.Quirks.On(tlsRSA), SHA1: m.Quirks.On(tlsSHA1), CommonName: m.Quirks.On(tlsCN),
		},
	}
	f.timers = schedules(&r)
	f.option66 = r.on(option66)
	f.fileName = r.text(configFileName)
	f.profile.Rule, f.profile.err = rule.Parse(r.text(profileRule))
	f.upgrade.Rule, f.upgrade.err = rule.ParseUpgrade(r.text(upgradeRule))
	f.warnings = r.warnings
	return f
}

// schedules returns when the device resyncs and upgrades (FV-RS, FV-UP).
func schedules(r *reader) resync.Settings {
	lines := resync.WaitsIdle
	if r.model.Quirks[forcedResync] == "deadline" {
		lines = resync.BreaksIn
	}
	// Each setting is read, and so a bad value is journalled, whether it counts or not.
	provision, onReset := r.on(provisionEnable), r.on(resyncOnReset)
	set := resync.Settings{}
	set.Jobs[0] = resync.Schedule{
		Job: resync.Resync, Spread: r.seconds(resyncRandomDelay), Every: r.delays(resyncPeriodic), FromBoot: true,
		Retry: r.delays(resyncErrorRetry), Lines: lines,
	}
	set.Idle = r.seconds(forcedResyncDelay)
	afterUpgrade, upgrade := r.on(resyncAfterUpgrade), r.on(upgradeEnable)
	set.Jobs[1] = resync.Schedule{
		Job: resync.Upgrade, AtBoot: resync.AnyBoot, IfWanted: true, Yields: true,
		Retry: r.delays(upgradeErrorRetry), Lines: lines,
	}
	if onReset {
		set.Jobs[0].AtBoot |= resync.CausesOf(resync.PowerOn, resync.Person, resync.FactoryReset)
	}
	if afterUpgrade {
		set.Jobs[0].AtBoot |= resync.CausesOf(resync.Firmware)
		set.Jobs[1].Joins = resync.Resync
	}
	if !provision {
		set.Jobs[0] = resync.Schedule{}
	}
	if !upgrade {
		set.Jobs[1] = resync.Schedule{}
	}
	return set
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
	if err != nil { // only a default that does not parse; the tests hold that all do
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
	if p.Type == rule.Profile || p.Type == rule.Upgrade {
		return nil
	}
	if p.Type == device.Seconds && takesLists(p.Web) && q.On(delayLists) {
		p.Type = device.Delays
	}
	return p.Check(value)
}
