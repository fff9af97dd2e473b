package steps

import (
	"fmt"
	"maps"
	"slices"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// Vendor is what a vendor adds to the firmware of this package. Nothing changes it.
type Vendor struct {
	// Plan is a resync, see the documentation of the package. It calls Finish or End
	// at its end.
	Plan func(*Run)
	// Upgrade is the plan of an upgrade; nil: the resync looks after firmware.
	Upgrade func(*Run)
	// KeepAlive is the plan of a keep-alive; nil: the phones have none.
	KeepAlive func(*Run)
	// Wanted reports whether an upgrade is to be done; nil: it is not.
	Wanted func(*Firmware, *device.Device) bool

	// Schedules reads the settings that say when jobs fall due.
	Schedules func(*Firmware) resync.Settings
	// TLS returns what the phones bring to TLS handshakes; nil: the defaults.
	TLS func(*Firmware) device.TLSOptions

	// Changed reports whether a file differs from the one that the phone remembers of
	// the same slot. Before is "" where it remembers none. See [ByDigest], [ByValue].
	Changed func(before string, f *device.File) bool
	// Skips says that a file that has not changed is not applied.
	Skips bool
	// Marks returns what the phone remembers of a file; nil: its digest.
	Marks func(*device.File) string
	// Merge applies a file to settings; nil: what it names changes, the rest stays.
	Merge func(f *Firmware, old profile.Config, file *device.File) *device.Change
	// Reboots reports whether the phone reboots for a changed setting, beside those
	// whose parameter says so; nil: for no other.
	Reboots func(name string) bool

	Slash bool // the name in a TFTP request begins with "/"
}

func (v *Vendor) reboots(p profile.Parameter) bool {
	return p.Reboots || v.Reboots != nil && v.Reboots(p.Name)
}

// ByDigest compares the digests of files.
func ByDigest(before string, f *device.File) bool { return before != f.Digest }

// ByValue compares only settings: a file that changes no setting is unchanged.
func ByValue(string, *device.File) bool { return false }

// Firmware is the firmware of a vendor, booted with settings.
type Firmware struct {
	Model   *device.Model
	Product string // "" where the vendor's phones boot alike
	TLS     device.TLSOptions
	Own     any // what the vendor has worked out; Schedules may set it

	vendor   *Vendor
	config   profile.Config
	timers   resync.Settings
	warnings []string

	texts    map[string]string // values of config that have been asked for
	failures map[failure]*device.File
	bases    map[string]Base // by text
	latest   latest
	run      Run
	move     device.Move
	request  device.Request
}

// Boot returns the function that a [device.Personality] has for booting.
func (v *Vendor) Boot(m *device.Model, config profile.Config) device.Firmware {
	return v.BootProduct(m, "", config)
}

// BootProduct is Boot for a [device.Personality] whose timers depend on the product.
func (v *Vendor) BootProduct(m *device.Model, product string, config profile.Config) device.Firmware {
	f := &Firmware{Model: m, Product: product, vendor: v, config: config}
	f.timers = v.Schedules(f)
	if v.TLS != nil {
		f.TLS = v.TLS(f)
	}
	return f
}

// Config returns the settings that the firmware was booted with.
func (f *Firmware) Config() profile.Config { return f.config }

// Timers returns when jobs fall due.
func (f *Firmware) Timers() *resync.Settings { return &f.timers }

// Warnings returns what is wrong with the stored settings.
func (f *Firmware) Warnings() []string { return f.warnings }

// Warn adds a warning about the stored settings.
func (f *Firmware) Warn(format string, args ...any) {
	f.warnings = append(f.warnings, fmt.Sprintf(format, args...))
}

// Wanted reports whether the device has something to do in a job.
func (f *Firmware) Wanted(d *device.Device, job resync.Job) bool {
	switch job {
	case resync.Upgrade:
		return f.vendor.Wanted != nil && f.vendor.Wanted(f, d)
	case resync.KeepAlive:
		return f.vendor.KeepAlive != nil
	}
	return true
}

// Text returns a setting by its name in files, as it was at the boot, or its
// default.
func (f *Firmware) Text(name string) string { return f.textOf(f.config, name) }

// textOf returns the value of a setting. A stored value that is out of its range
// counts as not stored. Those of the boot, which plans ask for at every step, are
// remembered.
func (f *Firmware) textOf(config profile.Config, name string) string {
	if config != f.config {
		return f.valueOf(config, name)
	}
	value, known := f.texts[name]
	if !known {
		if f.texts == nil {
			f.texts = map[string]string{}
		}
		value = f.valueOf(config, name)
		f.texts[name] = value
	}
	return value
}

func (f *Firmware) valueOf(config profile.Config, name string) string {
	p, known := f.Model.Parameters.Named(name)
	value, stored := config.Get(name)
	if !stored || known && value != "" && p.Check(value) != nil {
		return p.Default
	}
	return value
}

// Next says what a job does next.
func (f *Firmware) Next(d *device.Device, job resync.Job, reply *device.Reply) *device.Move {
	f.move = device.Move{}
	r := &f.run
	*r = Run{Firmware: f, Device: d, Job: job, answers: r.answers[:0], reply: reply, draft: d.Draft(), move: &f.move}
	for a := r.draft; a != nil; a = a.Before {
		r.answers = append(r.answers, a)
	}
	slices.Reverse(r.answers)
	switch {
	case job == resync.Upgrade && f.vendor.Upgrade != nil:
		f.vendor.Upgrade(r)
	case job == resync.KeepAlive && f.vendor.KeepAlive != nil:
		f.vendor.KeepAlive(r)
	default:
		f.vendor.Plan(r)
	}
	f.move.Draft = r.draft
	return &f.move
}

// latest is what the files of a chain have come to last, so that the next file of the
// job need not begin with the first.
type latest struct {
	stored *device.Stored
	draft  *device.Draft
	skips  bool
	config profile.Config
}

// over returns the stored settings with the files of a chain applied to them. With
// skips, files whose content was seen before are left out.
func (f *Firmware) over(stored *device.Stored, draft *device.Draft, skips bool) profile.Config {
	l := latest{stored: stored, draft: draft, skips: skips, config: f.latest.config}
	switch {
	case draft == nil:
		return stored.Config
	case l == f.latest:
		return l.config
	}
	l.config = f.over(stored, draft.Before, skips)
	if applies(draft.File) && !(skips && !f.vendor.Changed(memory(stored.Seen).of(draft.File.Name), draft.File)) {
		l.config = f.change(l.config, draft.File).Config
	}
	f.latest = l
	return l.config
}

// applies reports whether a file of a job has settings.
func applies(file *device.File) bool {
	return file != nil && file.Fault.Outcome == resync.None && file.Config != (profile.Config{})
}

// skips reports whether files that have not changed are skipped: not where the plan
// has made settings itself, on which the files build.
func (f *Firmware) skips(draft *device.Draft) bool {
	skips := f.vendor.Skips
	for d := draft; d != nil && skips; d = d.Before {
		skips = !applies(d.File) || d.File.Digest != ""
	}
	return skips
}

func (f *Firmware) change(old profile.Config, file *device.File) *device.Change {
	return f.Model.Memo.Change(f.Model, old, file, func() *device.Change {
		if f.vendor.Merge != nil {
			return f.vendor.Merge(f, old, file)
		}
		return f.Merge(old, file)
	})
}

// mostEvents is how many settings of one file are journalled one by one, so that a
// hostile file cannot flood the journal.
const mostEvents = 20

// Merge applies a file to settings: what it names changes, the rest stays, unknown
// names are kept, and a known setting with a value out of its range keeps its
// value. Settings that come out equal are the same value as before.
func (f *Firmware) Merge(old profile.Config, file *device.File) *device.Change {
	var b profile.Builder
	var events []device.Event
	changed, kept := 0, 0
	for name, value := range file.Config.All() {
		p, known := f.Model.Parameters.Named(name)
		if known && value != "" {
			if err := p.Check(value); err != nil {
				if kept++; kept <= mostEvents {
					events = append(events, device.Event{Kind: device.Warned, Note: fmt.Sprintf("%s keeps its value: %v", name, err)})
				}
				continue
			}
		}
		before, stored := old.Get(name)
		if stored && before == value || !stored && value == p.Default {
			continue
		}
		b.Set(name, value, 0)
		changed++
	}
	change := &device.Change{Config: old}
	if changed > 0 {
		change.Config = old.Merge(b.Config())
	}
	note := fmt.Sprintf("%s: %d settings, %d changed, %d kept", file.Name, file.Config.Len(), changed, kept)
	change.Events = append([]device.Event{{Kind: device.AppliedFile, Note: note}}, events...)
	return change
}

// Commit puts what a job has brought into the memory.
func (f *Firmware) Commit(draft *device.Draft, s device.Stored) (device.Stored, []device.Event) {
	c := commit{Firmware: f, seen: memory(s.Seen), skips: f.skips(draft)}
	c.now = maps.Collect(c.seen.all())
	c.add(draft, &s)
	s.Seen = writeSeen(c.now)
	return s, c.events
}

// commit is the storing of a job.
type commit struct {
	*Firmware
	seen   memory            // what is remembered of files
	now    map[string]string // what will be
	skips  bool
	events []device.Event
}

// add applies the files of a job in their order.
func (c *commit) add(draft *device.Draft, s *device.Stored) {
	if draft == nil {
		return
	}
	c.add(draft.Before, s)
	if draft.Software != "" {
		s.Software, s.UpgradeURL = draft.Software, draft.URL
	}
	file := draft.File
	if applies(file) && !(c.skips && !c.vendor.Changed(c.seen.of(file.Name), file)) {
		change := c.change(s.Config, file)
		s.Config, c.events = change.Config, append(c.events, change.Events...)
	}
	if file != nil && file.Fault.Outcome == resync.None && file.Digest != "" && (file.Aside || c.vendor.Changed == nil || c.vendor.Changed(c.seen.of(file.Name), file)) {
		c.now[file.Name] = file.Digest
		if c.vendor.Marks != nil {
			c.now[file.Name] = c.vendor.Marks(file)
		}
	}
}
