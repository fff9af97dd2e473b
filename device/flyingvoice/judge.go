package flyingvoice

import (
	"errors"
	"fmt"

	"provsim/device"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// mostWarnings is how many lines of one file are journalled one by one, so that
// a hostile file cannot flood the journal.
const mostWarnings = 20

// Judge says what a reply comes to.
func (f *firmware) Judge(d *device.Device, job resync.Job, reply *device.Reply) *device.Verdict {
	switch {
	case reply.Outcome != resync.None:
		f.says = device.Verdict{Outcome: reply.Outcome, Note: reply.Note}
	case len(reply.Body) == 0:
		f.says = device.Verdict{Outcome: resync.Empty, Note: "the file has no bytes"}
	case job == resync.Upgrade:
		f.says = f.judgeImage(d, reply)
	default:
		return f.gate(d, f.file(d, reply.Body), reply.Note)
	}
	return &f.says
}

// file decrypts and parses a file, or remembers what it was.
func (f *firmware) file(d *device.Device, body []byte) *device.File {
	rule := &f.source(d).rule
	if !rule.Keyed {
		return f.model.Memo.File(f.model, body, "", func() *device.File { return f.open(body) })
	}
	vars, syntax := f.expansion(d)
	key := macro.Expand(rule.Key, vars, syntax)
	return f.model.Memo.File(f.model, body, "key "+key, func() *device.File { return f.unseal(body, key) })
}

// open parses a file that is not encrypted.
func (f *firmware) open(body []byte) *device.File {
	config, err := profile.ParseConfig(body)
	switch {
	case err == nil:
		return f.good(config)
	case errors.Is(err, profile.ErrEmpty):
		return bad(resync.Empty, err.Error())
	}
	if _, sealed := encrypt.Detect(body); sealed {
		return bad(resync.Corrupt, "the file is encrypted and the rule has no [--key] (FV-ENC-4)")
	}
	return bad(resync.Corrupt, err.Error())
}

// unseal decrypts a file and parses what comes out.
func (f *firmware) unseal(body []byte, key string) *device.File {
	plain, err := f.model.Cipher.Open(nil, body, key)
	if err != nil {
		if _, sealed := encrypt.Detect(body); !sealed {
			return bad(resync.BadKey, "the rule has a [--key] and the file is not encrypted (FV-ENC-4)")
		}
		return bad(resync.BadKey, err.Error())
	}
	config, err := profile.ParseConfig(plain)
	switch {
	case errors.Is(err, profile.ErrEmpty):
		return bad(resync.Empty, "the file decrypts to no bytes")
	case err != nil:
		// The padding of a wrong key is right by luck once in 256 times.
		return bad(resync.BadKey, "the file decrypts to something that is no configuration (FV-ENC-4)")
	}
	return f.good(config)
}

func bad(outcome resync.Outcome, note string) *device.File {
	return &device.File{Fault: device.Verdict{Outcome: outcome, Note: note}}
}

// good reads what counts of a file, whoever has fetched it.
func (f *firmware) good(config profile.Config) *device.File {
	file := &device.File{Config: config}
	for i, bad := range config.Bad() {
		if i == mostWarnings {
			file.Warnings = append(file.Warnings, warn("%d more lines are not NAME=value", len(config.Bad())-i))
			break
		}
		file.Warnings = append(file.Warnings, warn("line %d is left out: %s (FV-CFG-2)", bad.Line, bad.Why))
	}
	file.Version, _ = config.Get(f.version)
	if file.Version == "" {
		file.Warnings = append(file.Warnings, warn("the file has no %s, nothing of it is applied (FV-CFG-3)", f.version))
	}
	return file
}

// gate compares the file's version with the stored one (FV-CFG-3).
func (f *firmware) gate(d *device.Device, file *device.File, note string) *device.Verdict {
	if file.Fault.Outcome != resync.None {
		return &file.Fault
	}
	v := &f.says
	v.Note, v.Version, v.Events, v.Commit = note, file.Version, file.Warnings, nil
	switch file.Version {
	case "":
		v.Outcome = resync.Unversioned
	case d.Stored().Version:
		v.Outcome = resync.Unchanged
	default:
		v.Outcome = resync.Applied
		v.Commit = f.commit(file)
	}
	return v
}

// commit returns how to put a file into the memory.
func (f *firmware) commit(file *device.File) func(device.Stored) (device.Stored, []device.Event) {
	return func(s device.Stored) (device.Stored, []device.Event) {
		c := f.model.Memo.Change(f.model, s.Config, file, func() *device.Change { return f.apply(s.Config, file) })
		s.Config, s.Version = c.Config, file.Version
		return s, c.Events
	}
}

// apply merges a file into settings: known ones with a value out of their range
// keep the old one (FV-CFG-4, FV-CFG-5).
func (f *firmware) apply(old profile.Config, file *device.File) *device.Change {
	a := application{firmware: f, old: old}
	good := file.Config.Filter(a.takes)
	applied := device.Event{
		Kind: device.AppliedFile, Version: file.Version,
		Note: fmt.Sprintf("%d settings in the file, %d changed, %d kept", file.Config.Len(), a.changed, a.kept),
	}
	return &device.Change{Config: old.Merge(good), Events: append([]device.Event{applied}, a.events...)}
}

// application is a file on its way into the settings.
type application struct {
	*firmware
	old           profile.Config
	kept, changed int
	events        []device.Event
}

// takes reports whether a setting of the file is good, and notes what it changes.
func (a *application) takes(name, value string) bool {
	p, known := a.model.Parameters.Named(name)
	if known {
		if err := check(a.model.Quirks, p, value); err != nil {
			if a.kept++; a.kept <= mostWarnings {
				a.events = append(a.events, warn("%s keeps its value: %v (FV-CFG-5)", name, err))
			}
			return false
		}
	}
	old, stored := a.old.Get(name)
	if !stored && known {
		old = p.Default
	}
	if old == value {
		return true
	}
	a.changed++
	if known && p.Web != "" {
		a.events = append(a.events, device.Event{Kind: device.SettingSet, Note: settingNote(p, old, value)})
	}
	return true
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
