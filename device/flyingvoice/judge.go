package flyingvoice

import (
	"errors"
	"fmt"

	"provsim/device"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/resync"
)

// mostWarnings is how many lines of one file are journalled one by one, so that
// a hostile file cannot flood the journal.
const mostWarnings = 20

// Judge says what a reply comes to.
func (f *firmware) Judge(d *device.Device, job resync.Job, reply device.Reply) device.Verdict {
	switch {
	case reply.Outcome != resync.None:
		return device.Verdict{Outcome: reply.Outcome, Note: reply.Note}
	case len(reply.Body) == 0:
		return device.Verdict{Outcome: resync.Empty, Note: "the file has no bytes"}
	case job == resync.Upgrade:
		return f.judgeImage(d, reply)
	}
	config, verdict := f.read(d, reply.Body)
	if verdict.Outcome != resync.None {
		return verdict
	}
	return f.gate(d, config, reply.Note)
}

// read decrypts and parses a file.
func (f *firmware) read(d *device.Device, body []byte) (profile.Config, device.Verdict) {
	rule, _, _ := f.profileRule(d)
	if !rule.Keyed {
		config, err := profile.ParseConfig(body)
		switch {
		case err == nil:
			return config, device.Verdict{}
		case errors.Is(err, profile.ErrEmpty):
			return config, device.Verdict{Outcome: resync.Empty, Note: err.Error()}
		}
		note := err.Error()
		if _, sealed := encrypt.Detect(body); sealed {
			note = "the file is encrypted and the rule has no [--key] (FV-ENC-4)"
		}
		return config, device.Verdict{Outcome: resync.Corrupt, Note: note}
	}
	plain, err := f.model.Cipher.Open(nil, body, rule.Expand(f.expansion(d)).Key)
	if err != nil {
		note := err.Error()
		if _, sealed := encrypt.Detect(body); !sealed {
			note = "the rule has a [--key] and the file is not encrypted (FV-ENC-4)"
		}
		return profile.Config{}, device.Verdict{Outcome: resync.BadKey, Note: note}
	}
	config, err := profile.ParseConfig(plain)
	switch {
	case errors.Is(err, profile.ErrEmpty):
		return config, device.Verdict{Outcome: resync.Empty, Note: "the file decrypts to no bytes"}
	case err != nil:
		// The padding of a wrong key is right by luck once in 256 times.
		return config, device.Verdict{Outcome: resync.BadKey, Note: "the file decrypts to something that is no configuration (FV-ENC-4)"}
	}
	return config, device.Verdict{}
}

// gate compares the file's version with the stored one (FV-CFG-3).
func (f *firmware) gate(d *device.Device, config profile.Config, note string) device.Verdict {
	v := device.Verdict{Note: note}
	for i, bad := range config.Bad() {
		if i == mostWarnings {
			v.Events = append(v.Events, warn("%d more lines are not NAME=value", len(config.Bad())-i))
			break
		}
		v.Events = append(v.Events, warn("line %d is left out: %s (FV-CFG-2)", bad.Line, bad.Why))
	}
	version, ok := config.Get(f.versionName())
	v.Version = version
	switch {
	case !ok || version == "":
		v.Outcome = resync.Unversioned
		v.Events = append(v.Events, warn("the file has no %s, nothing of it is applied (FV-CFG-3)", f.versionName()))
	case version == d.Stored().Version:
		v.Outcome = resync.Unchanged
	default:
		v.Outcome = resync.Applied
		v.Commit = func(s device.Stored) (device.Stored, []device.Event) { return f.apply(s, config, version) }
	}
	return v
}

// versionName returns the name of the parameter that gates a file.
func (f *firmware) versionName() string {
	p, _ := f.model.Parameters.First(profile.Version)
	return p.Name
}

// apply merges a file into the memory: known settings with a value out of their
// range keep the old one (FV-CFG-4, FV-CFG-5).
func (f *firmware) apply(s device.Stored, file profile.Config, version string) (device.Stored, []device.Event) {
	var events []device.Event
	kept, changed := 0, 0
	good := file.Filter(func(name, value string) bool {
		p, known := f.model.Parameters.Named(name)
		if known {
			if err := check(f.model.Quirks, p, value); err != nil {
				if kept++; kept <= mostWarnings {
					events = append(events, warn("%s keeps its value: %v (FV-CFG-5)", name, err))
				}
				return false
			}
		}
		old, stored := s.Config.Get(name)
		if !stored && known {
			old = p.Default
		}
		if old == value {
			return true
		}
		changed++
		if known && p.Web != "" {
			events = append(events, device.Event{Kind: device.SettingSet, Note: settingNote(p, old, value)})
		}
		return true
	})
	s.Config = s.Config.Merge(good)
	s.Version = version
	applied := device.Event{
		Kind: device.AppliedFile, Version: version,
		Note: fmt.Sprintf("%d settings in the file, %d changed, %d kept", file.Len(), changed, kept),
	}
	return s, append([]device.Event{applied}, events...)
}

// settingNote tells a change, without the keys and passwords that a rule holds.
func settingNote(p profile.Parameter, old, value string) string {
	return fmt.Sprintf("%s: %q to %q", p.Web, shown(p, old), shown(p, value))
}

func shown(p profile.Parameter, value string) string {
	if p.Type != profile.ProfileRule && p.Type != profile.UpgradeRule {
		return value
	}
	r, err := profile.ParseRule(value)
	if err != nil {
		return "a text that is no rule"
	}
	return r.Redacted()
}

func warn(format string, args ...any) device.Event {
	return device.Event{Kind: device.Warned, Note: fmt.Sprintf(format, args...)}
}
