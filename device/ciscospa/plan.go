package ciscospa

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

var vendor = &steps.Vendor{
	Plan: plan, Upgrade: upgrade, KeepAlive: report, Wanted: wanted,
	Schedules: schedules, Changed: steps.ByValue, Merge: merge, Slash: true,
	TLS: func(f *steps.Firmware) device.TLSOptions {
		q := f.Model.Quirks
		return device.TLSOptions{
			AnyChain: q.On(tlsNoVerify), AnyName: q.On(tlsNoHostname), CommonName: true, // SPA-ID-5
			RSA: q.On(tlsRSA), SHA1: q.On(tlsSHA1), TLSRange: f.Model.TLS,
		}
	},
}

// profileRules are followed in this order (SPA-PLAN-1).
var profileRules = []string{profileRule, "Profile_Rule_B", "Profile_Rule_C", "Profile_Rule_D"}

// givenRule is the name of a rule that a request gives for one resync.
const givenRule = "the rule that was given"

// plan is a resync: the rules in their order, each with what the files before it have
// set, up to the first that fails (SPA-PLAN-1 to SPA-PLAN-3). A rule that was given
// stands for all of them (SPA-TRG-1).
func plan(r *steps.Run) {
	rules := profileRules
	given, isGiven := r.Order()
	if isGiven {
		rules = []string{givenRule}
	} else if !otherFirmware(r) {
		return
	}
	next := 0
	for i, name := range rules {
		if r.Past(name) {
			next = i + 1
		}
	}
	for _, name := range rules[next:] {
		if !follow(r, name, string(given)) {
			return
		}
	}
	finish(r)
}

// otherFirmware asks for the files of the other firmware that some phones are delivered
// with. It reports false while an answer is missing.
func otherFirmware(r *steps.Run) bool {
	if !r.Model.Quirks.On(autodetect) || linksys(r.Device.Product().Name) {
		return true
	}
	server, _, err := newReader(r.Firmware, r.Device, r.Config()).source()
	if err != nil {
		return true
	}
	host, _, _ := strings.Cut(server, ":")
	for _, name := range []string{"SEP" + r.Device.MAC().Upper(), "XMLDefault"} {
		target := profile.Target{Scheme: "tftp", Host: host, Port: profile.DefaultPort("tftp"), Path: "/" + name + ".cnf.xml"}
		if _, ok := r.Fetch(steps.Ask{Slot: name, Target: target, May: true}); !ok {
			return false
		}
	}
	return true
}

// follow follows one rule, given as text or, where that is "", as the setting of its
// name. It reports false where the resync waits for an answer or has ended.
func follow(r *steps.Run, name, text string) bool {
	rules := newReader(r.Firmware, r.Device, r.Config())
	rules.name = name
	if text == "" {
		text = rules.setting(name)
	}
	if blank(text) {
		return true
	}
	own := r.Own.(*own)
	ask := steps.Ask{Slot: name, May: own.mayMiss, Note: "Resync_Fails_On_FNF is No: a missing file is no failure"}
	if route := own.route(rules, text); route != nil {
		if ask.Open = own.open; r.Reply() == nil {
			ask.Target, ask.URL = route.To(live{device.LiveVars{Device: r.Device}})
		}
	} else {
		taken, err := choose(r, rules, text)
		if err == nil && (taken == nil || taken.Target.IsZero()) {
			return true
		}
		rules.config = r.Config()
		if err == nil {
			err = rules.ask(&ask, taken, r.Reply() == nil)
		}
		if err != nil {
			return end(r, refusal(err))
		}
	}
	file, ok := r.Fetch(ask)
	if !ok {
		return false
	}
	switch o := file.Fault.Outcome; {
	case o == resync.NotFound && ask.May:
		return true
	case o != resync.None:
		return end(r, file.Fault)
	case file.Digest == "": // the answer to a post
		return end(r, device.Ending{Outcome: resync.Empty, Note: "the file has no bytes"})
	}
	return true
}

// choose returns the alternative of a rule that is taken; nil: none is. It is chosen
// once, and what it assigns is set then (SPA-RULE-4): with that, another might be taken.
func choose(r *steps.Run, rules *reader, text string) (*rule.Alternative, error) {
	full, err := rules.parse(text)
	if err != nil {
		return nil, err
	}
	if len(full) == 1 && full[0].Condition == nil && full[0].Assignments == nil {
		return &full[0], nil // there is no choice to remember
	}
	chosen, known := r.Known()
	if !known {
		taken, config := full.Take(), profile.Config{}
		if taken >= 0 {
			var b profile.Builder
			for _, a := range full[taken].Assignments {
				b.Set(a.Name, a.Value, 0)
			}
			config = b.Config()
		}
		chosen = r.Model.Memo.File(r.Model, config.Append(fmt.Appendf(nil, "(%d)", taken)), "", func() *device.File {
			return &device.File{Config: config, More: taken}
		})
		r.Has(chosen)
	}
	switch taken, _ := chosen.More.(int); {
	case taken < 0:
		return nil, nil
	case taken >= len(full):
		return nil, fmt.Errorf("%s: the rule has set what it is made of itself", rules.name)
	default:
		return &full[taken], nil
	}
}

// end ends a resync that has failed. What came before the failure stays, where that has
// changed something.
func end(r *steps.Run, v device.Ending) bool {
	if len(r.Model.Parameters.Changed(r.Device.Stored().Config, r.Config())) == 0 {
		r.Forget()
	}
	v.Final = r.Own.(*own).noRetry
	r.End(v)
	return false
}

// finish ends a resync whose rules have all succeeded (SPA-CHG-1, SPA-CHG-2).
func finish(r *steps.Run) {
	stored, now := r.Device.Stored().Config, r.Config()
	changed := r.Model.Parameters.Changed(stored, now)
	if len(changed) == 0 {
		r.End(device.Ending{Outcome: resync.Unchanged})
		return
	}
	v := device.Ending{Outcome: resync.Applied, After: device.Reload}
	before, after := newReader(r.Firmware, r.Device, stored), newReader(r.Firmware, r.Device, now)
	switch {
	case slices.ContainsFunc(changed, func(p profile.Parameter) bool { return p.Reboots }):
		v.After = device.Reboot
	case after.upgrades(): // no boot will look at the new rule
		v.Then = device.ThenUpgrade
	case after.triggered() && !before.triggered():
		v.Then = device.ThenResync
	}
	r.End(v)
}

// delayUnit is the unit of Resync_Random_Delay.
const delayUnit = 20 * time.Second

// schedules returns when the device resyncs and upgrades (SPA-TRG), and warns of stored
// values that do not count because they are out of their range.
func schedules(f *steps.Firmware) resync.Settings {
	for name, value := range f.Config().All() {
		p, _ := f.Model.Parameters.Named(name)
		if err := p.Check(value); err != nil {
			f.Warn("stored %s: %v; its default counts", name, err)
		}
	}
	delays := func(name string) resync.Delays {
		p, _ := f.Model.Parameters.Named(name)
		d, _ := resync.ParseDelays(cmp.Or(f.Text(name), p.Default), true) // Text gives what parses
		return d
	}
	seconds := func(name string) time.Duration {
		d, _ := delays(name).At(0, 0)
		return d
	}
	lines := resync.BreaksIn
	if f.Model.Quirks[forcedResync] == "idle" {
		lines = resync.WaitsIdle
	}
	set := resync.Settings{Idle: seconds("Forced_Resync_Delay"), Begin: steps.LocalTime(f.Model.Epoch)}
	// FromBoot: a restart for new values triggers no resync (SPA-CHG-3), and the period counts from it.
	sync := resync.Schedule{
		Job: resync.Resync, Spread: seconds(resyncRandomDelay) * (delayUnit / time.Second), FromBoot: true,
		Every: delays("Resync_Periodic"), Retry: delays("Resync_Error_Retry_Delay"), Lines: lines,
	}
	upgrade := resync.Schedule{
		Job: resync.Upgrade, AtBoot: resync.AnyBoot, IfWanted: true, Yields: true,
		Retry: delays("Upgrade_Error_Retry_Delay"), Lines: resync.WaitsIdle,
	}
	if at, err := time.Parse(hourAndMinute, f.Text("Resync_At__HHmm_")); err == nil {
		sync.Daily = &resync.Daily{At: time.Duration(at.Hour()*60+at.Minute()) * time.Minute, Window: seconds("Resync_At_Random_Delay")}
	}
	off := func(name string) bool { return f.Text(name) == "No" }
	own := &own{mayMiss: off("Resync_Fails_On_FNF"), open: (&opener{limit: f.Model.ConfigLimit, cipher: f.Model.Cipher}).open}
	f.Own = own
	if _, retries := sync.Retry.At(0, 0); !retries {
		if own.noRetry = f.Model.Quirks[retryZero] != "at-once"; !own.noRetry {
			sync.Retry = resync.Every(time.Second)
		}
	}
	if !off("Resync_On_Reset") {
		sync.AtBoot |= resync.CausesOf(resync.PowerOn, resync.Person, resync.FactoryReset)
	}
	if !off("Resync_After_Upgrade_Attempt") {
		sync.AtBoot |= resync.CausesOf(resync.Firmware)
		upgrade.Joins = resync.Resync
	}
	if !off("Provision_Enable") {
		set.Jobs[0] = sync
	}
	if !off("Upgrade_Enable") {
		set.Jobs[1] = upgrade
	}
	return set
}
