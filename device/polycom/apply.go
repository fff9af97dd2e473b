package polycom

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// mostEvents is how many settings of a round are journalled one by one, so that a
// hostile file cannot flood the journal.
const mostEvents = 20

// inFlash reports whether a parameter is kept in flash, apart from those of files.
func inFlash(name string) bool {
	return strings.HasPrefix(name, "device.") || strings.HasPrefix(name, "emulator.")
}

func flash(c profile.Config) profile.Config {
	return c.Filter(func(name, _ string) bool { return inFlash(name) })
}

// whole is a file of all settings of the phone. Provided says which of them came from
// CONFIG_FILES.
func whole(c profile.Config, provided string) *device.File {
	return &device.File{Name: "whole", Digest: provided, Config: c}
}

// fingerprint is a parameter and the digest of its value.
func fingerprint(name, value string) string {
	h := fnv.New32a()
	h.Write([]byte(value)) // never fails
	return name + ":" + strconv.FormatUint(uint64(h.Sum32()), 16)
}

// round is the result of a boot or a poll.
type round struct {
	config   profile.Config
	provided string         // fingerprints of what came from CONFIG_FILES, with blanks between them
	device   bool           // a device.* parameter differs from flash
	events   []device.Event // warnings
}

// merge puts the files of a round over what is in flash: overrides, then
// CONFIG_FILES, of both the first that names a parameter (PC-CFG-2, PC-CFG-3). Without
// an override file on the server the stored overrides stay: what a person has set.
func (p *phone) merge() round {
	old := p.Device.Stored().Config
	over := profile.Builder{FirstWins: true}
	if p.over == nil {
		p.addOverrides(&over)
	}
	addAll(&over, p.over)
	own := over.Config()
	lists := profile.Builder{FirstWins: true}
	addAll(&lists, p.configs)
	listed := lists.Config()

	var r round
	var marks []string
	var b profile.Builder
	for name, value := range flash(old).All() {
		b.Set(name, value, 0)
	}
	all := listed.Merge(own)
	for name, value := range all.All() {
		param, isKnown := known(p.Model.Parameters, name)
		if isKnown && value != "" && param.Check(value) != nil { // "" is a value (PC-CFG-2)
			if !strings.HasPrefix(name, "device.") || set(all, name) {
				r.warn("%s: %v; its default counts (PC-CFG-4)", name, param.Check(value))
			}
			continue
		}
		switch {
		case strings.HasPrefix(name, "device."):
			if before, _ := old.Get(name); set(all, name) && before != value { // PC-CFG-4
				r.device = true
				b.Set(name, value, 0)
			}
		case !inFlash(name):
			b.Set(name, value, 0)
			if _, mine := own.Get(name); !mine {
				marks = append(marks, fingerprint(name, value))
			}
		}
	}
	r.config, r.provided = b.Config(), strings.Join(marks, " ")
	return r
}

// addOverrides adds what a person has set: the stored settings that no file of
// CONFIG_FILES has brought.
func (p *phone) addOverrides(b *profile.Builder) {
	provided := map[string]bool{}
	for mark := range strings.SplitSeq(p.Seen("whole"), " ") {
		provided[mark] = true
	}
	for name, value := range p.Device.Stored().Config.All() {
		if !inFlash(name) && !provided[fingerprint(name, value)] {
			b.Set(name, value, 0)
		}
	}
}

// set reports whether files mean a device.* parameter (PC-CFG-4).
func set(c profile.Config, name string) bool {
	all, _ := c.Get("device.set")
	one, _ := c.Get(name + ".set")
	return all == "1" && one == "1" && name != "device.set"
}

func (r *round) warn(format string, args ...any) {
	if len(r.events) < mostEvents {
		r.events = append(r.events, device.Event{Kind: device.Warned, Note: fmt.Sprintf(format, args...)})
	}
}

func addAll(b *profile.Builder, files []*device.File) {
	for _, f := range files {
		if c, ok := f.More.(profile.Config); ok {
			for name, value := range c.All() {
				b.Set(name, value, 0)
			}
		}
	}
}

// missing names the files of CONFIG_FILES that are missing or bad.
func (p *phone) missing() string {
	var bad []string
	names := p.master.list(configFiles, &p.product, p.vars)
	for i, f := range p.configs {
		if o := f.Fault.Outcome; o != resync.None {
			bad = append(bad, fmt.Sprintf("%.80q is %v", names[i], o))
		}
	}
	return strings.Join(bad, ", ")
}

// settle ends a boot: all that has arrived is in force at once (PC-APPLY-1).
func (p *phone) settle() {
	if p.master == nil {
		p.End(device.Ending{Outcome: resync.NoMaster, Note: p.why, After: device.Remain})
		return
	}
	bad := p.missing()
	r := p.merge()
	p.rememberFolders()
	v := device.Ending{Outcome: resync.Unchanged, Keep: true, After: device.Remain, Events: r.events}
	changed := p.differs(r.config)
	cached := bad != "" && p.Model.Quirks[missingConfig] == "cached"
	if !cached && (changed || r.provided != p.Seen("whole")) {
		p.Has(whole(r.config, r.provided))
	}
	p.countReboots(&v, bad == "" && r.device)
	switch {
	case bad != "":
		v.Outcome, v.Note = resync.Partial, bad
		if changed && !cached {
			v.After = device.Reload
		}
	case r.device: // PC-APPLY-2
		v.Outcome, v.After, v.Note = resync.Applied, device.Reboot, "a device.* parameter has changed"
	case changed:
		v.Outcome, v.After = resync.Applied, device.Reload
	case !p.news():
		p.Forget()
	}
	p.End(v)
}

// loops is from which reboot for device.* parameters in a row the journal speaks of
// a loop (PC-APPLY-2).
const loops = 3

func (p *phone) countReboots(v *device.Ending, reboots bool) {
	count, _ := strconv.Atoi(p.Seen("reboots"))
	switch {
	case reboots:
		count++
	case count == 0:
		return
	default:
		count = 0
	}
	p.Has(&device.File{Name: "reboots", Digest: strconv.Itoa(count)})
	if count >= loops {
		v.Events = append(v.Events, device.Event{Kind: device.Warned,
			Note: fmt.Sprintf("reboot %d in a row for device.* parameters: do two servers name each other?", count)})
	}
}

// compare ends a poll (PC-APPLY-3).
func (p *phone) compare() {
	r := p.merge()
	p.rememberFolders()
	newImage := p.image != nil && p.Seen("image") != "" && mark(p.image) != p.Seen("image")
	if !newImage && !p.news() {
		p.Forget()
		p.End(device.Ending{Outcome: resync.Unchanged})
		return
	}
	v := device.Ending{Outcome: resync.Applied, After: device.Reload, Events: r.events}
	if newImage || r.device || !p.product.ucs || p.Model.Quirks[rebootOn] == "any" {
		p.Forget() // the boot fetches again
		v.After, v.Note = device.Reboot, "the files have changed, and the boot fetches them again"
	} else {
		p.Has(whole(r.config, r.provided))
	}
	p.End(v)
}

// news reports whether a file differs from the one that the phone remembers.
func (p *phone) news() bool {
	for _, f := range p.Files() {
		if f.Fault.Outcome == resync.None && f.Digest != "" && f.Name != "reboots" && mark(f) != p.Seen(f.Name) {
			return true
		}
	}
	return false
}

// differs reports whether settings differ from those in force.
func (p *phone) differs(c profile.Config) bool {
	old := p.Device.Stored().Config
	if c.Len() != old.Len() {
		return true
	}
	for name, value := range c.All() {
		if before, ok := old.Get(name); !ok || before != value {
			return true
		}
	}
	return false
}

// replace puts all settings of a round in the place of the old ones, and journals
// what differs. Values of parameters that are not known may be secrets and are not
// shown.
func replace(f *steps.Firmware, old profile.Config, file *device.File) *device.Change {
	change := &device.Change{Config: file.Config}
	changed := 0
	note := func(name, before, after string) {
		if changed++; changed > mostEvents {
			return
		}
		if p, ok := known(f.Model.Parameters, name); ok {
			change.Events = append(change.Events, device.Event{Kind: device.SettingSet, Note: fmt.Sprintf("%s: %q to %q", name, p.Type.Show(before), p.Type.Show(after))})
		}
	}
	for name, value := range file.Config.All() {
		if before, ok := old.Get(name); !ok || before != value {
			note(name, before, value)
		}
	}
	for name, before := range old.All() {
		if _, stays := file.Config.Get(name); !stays {
			note(name, before, "")
		}
	}
	applied := fmt.Sprintf("%d settings, %d changed", file.Config.Len(), changed)
	change.Events = append([]device.Event{{Kind: device.AppliedFile, Note: applied}}, change.Events...)
	return change
}
