package scenario

import (
	"math"
	"slices"
	"time"

	"provsim/device"
	"provsim/internal/fetch/model"
	"provsim/profile/rule"
)

// Event is something that happens in the run, once or repeatedly. Exactly one of
// the pointers says what.
type Event struct {
	At    time.Duration `yaml:"at"`
	Every time.Duration `yaml:"every"` // until the run ends or Times is reached, at least 1 s; 0: once
	Times int           `yaml:"times"` // 0: no limit

	PowerCut *PowerCut        `yaml:"power-cut"`
	Outage   *Outage          `yaml:"outage"`
	Rollout  *Rollout         `yaml:"rollout"`
	Firmware *FirmwareRollout `yaml:"firmware"`
	Calls    *Calls           `yaml:"calls"`
	Resync   *Resync          `yaml:"resync"`
	Reboot   *Reboot          `yaml:"reboot"`
}

// Part is the devices that an event is about.
type Part struct {
	// Devices is their part of all, drawn at random; 0 is all.
	Devices Fraction `yaml:"devices"`
	// Site is the name of a kind of site. The part is then one of the sites of
	// that kind: a site is in as a whole or not at all.
	Site string `yaml:"site"`
}

// PowerCut takes the power away.
type PowerCut struct {
	Part `yaml:",inline"`
	For  time.Duration `yaml:"for"`  // over 0
	Over time.Duration `yaml:"over"` // in which the power comes back, device by device; 0: at once
}

// Outage is a time in which the server does not work.
type Outage struct {
	For time.Duration `yaml:"for"` // over 0
	// Kind is silent (nothing answers; the default), refused (the program is
	// down), error (it answers 503), or slow.
	Kind   model.Failing `yaml:"kind"`
	Factor float64       `yaml:"factor"` // of slow: how many times longer everything takes
}

// Rollout makes the server give out a new version of the configuration. Devices
// notice when they resync.
type Rollout struct {
	Part `yaml:",inline"`
	Over time.Duration `yaml:"over"` // device by device in this time; 0: at once
	// Version of the file. Where the event repeats it is a whole number, and each
	// time 1 more.
	Version string `yaml:"version"`
	// Settings by web name or file name, in addition to those of the version
	// before.
	Settings map[string]string `yaml:"settings"`
}

// FirmwareRollout is a rollout that sets the Upgrade Rule: devices fetch the new
// firmware after the reboot that the new configuration causes. Phones of a vendor
// without such a rule keep their firmware.
type FirmwareRollout struct {
	Part    `yaml:",inline"`
	Over    time.Duration `yaml:"over"`
	Version string        `yaml:"version"` // of the configuration
	Rule    string        `yaml:"rule"`    // the Upgrade Rule
	Size    int64         `yaml:"size"`    // of the image in bytes, up to 64 MiB; 0 is 8 MiB
}

// Calls make lines busy: on each line calls begin at random, whatever happened
// before, with times between the end of one and the begin of the next that are
// exponentially distributed, and so are their lengths.
type Calls struct {
	Part    `yaml:",inline"`
	PerHour float64       `yaml:"per-hour"` // calls on a line in an hour that it is idle, over 0 to 3600
	Length  time.Duration `yaml:"length"`   // the mean; 0 is 3 minutes
	Lines   int           `yaml:"lines"`    // that have calls, 1 to 4; 0 is 1
	For     time.Duration `yaml:"for"`      // after which no more begin; 0: until the run ends
}

// Resync asks devices for a resync by a SIP NOTIFY (FV-EXT-1).
type Resync struct {
	Part `yaml:",inline"`
	Over time.Duration `yaml:"over"` // device by device in this time; 0: at once
}

// Reboot is a reboot that a person asks for.
type Reboot struct {
	Part `yaml:",inline"`
	Over time.Duration `yaml:"over"` // device by device in this time; 0: at once
}

// DefaultFirmwareSize is the size of a firmware image, in bytes.
const DefaultFirmwareSize = 8 << 20

const (
	defaultCallLength = 3 * time.Minute
	maxFirmwareSize   = 64 << 20 // FV-NET-1
	maxOccurrences    = 10_000
)

// Filled returns the event with its defaults in place of zeros.
func (e Event) Filled() Event {
	if e.Outage != nil {
		o := *e.Outage
		o.Kind = or(o.Kind, model.Gone)
		e.Outage = &o
	}
	if e.Firmware != nil {
		f := *e.Firmware
		f.Size = or(f.Size, DefaultFirmwareSize)
		e.Firmware = &f
	}
	if e.Calls != nil {
		calls := *e.Calls
		calls.Length = or(calls.Length, defaultCallLength)
		calls.Lines = or(calls.Lines, 1)
		e.Calls = &calls
	}
	return e
}

// Kind returns what the event is, as a scenario writes it, and how many things
// it is.
func (e *Event) Kind() (name string, count int) {
	for _, k := range []struct {
		name  string
		there bool
	}{
		{"power-cut", e.PowerCut != nil}, {"outage", e.Outage != nil}, {"rollout", e.Rollout != nil}, {"firmware", e.Firmware != nil},
		{"calls", e.Calls != nil}, {"resync", e.Resync != nil}, {"reboot", e.Reboot != nil},
	} {
		if k.there {
			name = k.name
			count++
		}
	}
	return name, count
}

// Occurrences returns when the event happens before the run's end.
func (e *Event) Occurrences(end time.Duration) []time.Duration {
	if e.Every == 0 {
		return []time.Duration{e.At}
	}
	var list []time.Duration
	for at := e.At; at < end && (e.Times == 0 || len(list) < e.Times) && len(list) <= maxOccurrences; at += e.Every {
		list = append(list, at)
	}
	return list
}

// Validate says what is wrong with an event of a scenario; the error is an *[Error].
func (e *Event) Validate(s *Scenario) error {
	c := &checker{faults: &faults{}}
	e.check(c, s)
	return c.faults.err()
}

func (e *Event) check(c *checker, s *Scenario) {
	name, count := e.Kind()
	if count != 1 {
		c.fault("at", "found %d kinds of event, want one of power-cut, outage, rollout, firmware, calls, resync, reboot", count)
		return
	}
	end := or(s.Duration, defaultDuration)
	c.lasts("at", e.At, 0, maxDuration)
	c.counts("times", e.Times, maxOccurrences)
	switch {
	case e.Every < 0 || e.Every > maxDuration || e.Every > 0 && e.Every < time.Second:
		c.fault("every", "found %s, want 1s to %s", Length(e.Every), Length(maxDuration))
	case e.Times > 0 && e.Every == 0:
		c.fault("times", "found no every, want the time between two")
	case len(e.Occurrences(end)) > maxOccurrences:
		c.fault("every", "found %s, which gives more than %d events, want a longer time", Length(e.Every), maxOccurrences)
	}
	c = c.in("%s.", name)
	switch {
	case e.PowerCut != nil:
		e.PowerCut.Part.check(c, s)
		c.lasts("for", e.PowerCut.For, time.Millisecond, maxDuration)
		c.lasts("over", e.PowerCut.Over, 0, maxDuration)
	case e.Outage != nil:
		e.Outage.check(c)
	case e.Rollout != nil:
		e.Rollout.Part.check(c, s)
		c.lasts("over", e.Rollout.Over, 0, maxDuration)
		checkVersion(c, e.Rollout.Version, e.Every != 0)
		checkSettings(c.in("settings."), &s.Population, e.Rollout.Settings)
	case e.Firmware != nil:
		e.Firmware.check(c, s, e.Every != 0)
	case e.Calls != nil:
		e.Calls.check(c, s)
	case e.Resync != nil:
		e.Resync.Part.check(c, s)
		c.lasts("over", e.Resync.Over, 0, maxDuration)
	case e.Reboot != nil:
		e.Reboot.Part.check(c, s)
		c.lasts("over", e.Reboot.Over, 0, maxDuration)
	}
}

func (p Part) check(c *checker, s *Scenario) {
	c.fraction("devices", p.Devices)
	if p.Site == "" {
		return
	}
	for _, name := range SiteNames(s.Sites) {
		if name == p.Site {
			return
		}
	}
	c.fault("site", "%s", noSite(p.Site, s.Sites))
}

func (o *Outage) check(c *checker) {
	c.lasts("for", o.For, time.Millisecond, maxDuration)
	switch o.Kind {
	case "", model.Gone, model.Stopped, model.Erring:
		if o.Factor != 0 {
			c.fault("factor", "found %v, which only an outage of kind slow has", o.Factor)
		}
	case model.Slow:
		if !(o.Factor > 0 && o.Factor <= 1e6) {
			c.fault("factor", "found %v, want how many times longer everything takes, over 0 to 1000000", o.Factor)
		}
	default:
		c.fault("kind", "found %q, want silent, refused, error or slow", o.Kind)
	}
}

func (f *FirmwareRollout) check(c *checker, s *Scenario, repeats bool) {
	f.Part.check(c, s)
	c.lasts("over", f.Over, 0, maxDuration)
	checkVersion(c, f.Version, repeats)
	all := s.Population.Vendors()
	if !slices.ContainsFunc(all, func(p *device.Personality) bool { _, _, ok := p.Expand("upgrade-rule", f.Rule); return ok }) {
		c.fault("rule", "%s phones have no Upgrade Rule, want a rollout with the settings that name their firmware", all[0].Vendor)
	}
	if r, err := rule.ParseUpgrade(f.Rule); err != nil {
		c.fault("rule", "%v", err)
	} else if r.IsZero() {
		c.fault("rule", "found nothing, want an Upgrade Rule such as http://192.0.2.1/fw/$PN-v3.4.0.bin")
	}
	if f.Size < 0 || f.Size > maxFirmwareSize {
		c.fault("size", "found %d, want 1 to %d bytes", f.Size, maxFirmwareSize)
	}
}

func (a *Calls) check(c *checker, s *Scenario) {
	a.Part.check(c, s)
	if !(a.PerHour > 0 && a.PerHour <= 3600) {
		c.fault("per-hour", "found %v, want a number over 0 up to 3600", a.PerHour)
	}
	c.lasts("length", a.Length, 0, 24*time.Hour)
	c.counts("lines", a.Lines, device.Lines)
	c.lasts("for", a.For, 0, maxDuration)
}

// maxVersion leaves room to count on from.
const maxVersion = math.MaxInt64 / 2

func checkVersion(c *checker, version string, counts bool) {
	if _, ok := NextVersion(version, 0); counts && !ok {
		c.fault("version", "found %q, want a whole number, to which each repetition adds 1", version)
	}
	checkLine(c, "version", version)
}
