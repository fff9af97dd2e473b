package flyingvoice

import (
	"errors"
	"fmt"
	"strings"

	"provsim/device"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// mostWarnings is how many lines of one file are journalled one by one, so that
// a hostile file cannot flood the journal.
const mostWarnings = 20

// judge sets the move that follows from a reply.
func (f *firmware) judge(d *device.Device, job resync.Job, reply *device.Reply) {
	m := &f.move
	switch {
	case reply.Outcome != resync.None:
		m.Outcome, m.Note = reply.Outcome, reply.Note
	case len(reply.Body) == 0:
		m.Outcome, m.Note = resync.Empty, "the file has no bytes"
	case job == resync.Upgrade:
		m.Ending, m.Draft = f.judgeImage(d, reply)
	default:
		f.compareVersion(d, f.file(d, reply.Body), reply.Note)
	}
}

// file decrypts and parses a file, or remembers what it was.
func (f *firmware) file(d *device.Device, body []byte) *device.File {
	r := &f.source(d).rule
	if !r.Keyed {
		return f.model.Memo.File(f.model, body, "", func() *device.File { return f.open(body) })
	}
	vars, syntax := f.expansion(d)
	key := macro.Expand(r.Key, vars, syntax)
	return f.model.Memo.File(f.model, body, "key "+key, func() *device.File { return f.decrypt(body, key) })
}

// open parses a file that is not encrypted.
func (f *firmware) open(body []byte) *device.File {
	config, err := grammar.Parse(body)
	switch {
	case err == nil:
		return f.good(config)
	case errors.Is(err, profile.ErrEmpty):
		return bad(resync.Empty, err.Error())
	}
	if _, encrypted := encrypt.Detect(body); encrypted {
		return bad(resync.Corrupt, "the file is encrypted and the rule has no [--key] (FV-ENC-4)")
	}
	return bad(resync.Corrupt, err.Error())
}

// decrypt decrypts a file and parses what comes out.
func (f *firmware) decrypt(body []byte, key string) *device.File {
	plain, err := f.model.Cipher.Decrypt(nil, body, key)
	if err != nil {
		if _, encrypted := encrypt.Detect(body); !encrypted {
			return bad(resync.BadKey, "the rule has a [--key] and the file is not encrypted (FV-ENC-4)")
		}
		return f.badKey(body, key, err.Error())
	}
	config, err := grammar.Parse(plain)
	switch {
	case errors.Is(err, profile.ErrEmpty):
		return bad(resync.Empty, "the file decrypts to no bytes")
	case err != nil:
		// The padding of a wrong key is right by luck once in 256 times.
		return f.badKey(body, key, "the file decrypts to something that is not a configuration (FV-ENC-4)")
	}
	return f.good(config)
}

// badKey is for a file that the key does not open, at least not by the phone's
// cipher (FV-ENC-5).
func (f *firmware) badKey(body []byte, key, why string) *device.File {
	if name := f.model.Cipher.DecryptedBy(body, key); name != "" {
		why = fmt.Sprintf("the key opens the file by %s, and the phone's cipher is %s (FV-ENC-5)", name, f.model.Cipher.Name)
	}
	return bad(resync.BadKey, why)
}

func bad(outcome resync.Outcome, note string) *device.File {
	return &device.File{Fault: device.Ending{Outcome: outcome, Note: note}}
}

// good makes a file of a configuration that could be read.
func (f *firmware) good(config profile.Config) *device.File {
	file := &device.File{Config: config}
	for i, bad := range config.Bad() {
		if i == mostWarnings {
			file.Warnings = append(file.Warnings, warn("%d more lines are not NAME=value", len(config.Bad())-i))
			break
		}
		file.Warnings = append(file.Warnings, warn("line %d is left out: %s (FV-CFG-2)", bad.Line, bad.Why))
	}
	version, _ := config.Get(f.version)
	file.Version = strings.TrimSpace(version) // FV-CFG-3
	if file.Version == "" {
		file.Warnings = append(file.Warnings, warn("the file has no %s, nothing of it is applied (FV-CFG-3)", f.version))
	}
	return file
}

// compareVersion compares the file's version with the stored one (FV-CFG-3).
func (f *firmware) compareVersion(d *device.Device, file *device.File, note string) {
	m := &f.move
	if file.Fault.Outcome != resync.None {
		m.Ending = file.Fault
		return
	}
	m.Note, m.Version, m.Events = note, file.Version, file.Warnings
	switch file.Version {
	case "":
		m.Outcome = resync.Unversioned
	case d.Stored().Version, strings.TrimSpace(d.Stored().Version):
		m.Outcome = resync.Unchanged
	default:
		m.Outcome, m.Draft = resync.Applied, f.model.Memo.Draft(device.Draft{File: file})
	}
}

// Commit puts a file or an image into the memory.
func (f *firmware) Commit(draft *device.Draft, s device.Stored) (device.Stored, []device.Event) {
	file := draft.File
	if file == nil {
		s.Software, s.UpgradeURL = draft.Software, draft.URL
		return s, nil
	}
	c := f.model.Memo.Change(f.model, s.Config, file, func() *device.Change { return f.apply(s.Config, file) })
	s.Config, s.Version = c.Config, file.Version
	return s, c.Events
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
	return fmt.Sprintf("%s: %q to %q", p.Web, p.Type.Show(old), p.Type.Show(value))
}

func warn(format string, args ...any) device.Event {
	return device.Event{Kind: device.Warned, Note: fmt.Sprintf(format, args...)}
}
