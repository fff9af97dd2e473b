package avaya

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

const (
	mostFiles = 16 // of one start (AV-LANG-7)
	mostWarns = 20 // so that a hostile file cannot flood the journal
)

// schedules returns when a phone resyncs (AV-TIME-1 to -3, AV-TIME-5: a failure is not
// repeated before the next poll).
func schedules(f *steps.Firmware) resync.Settings {
	s := resync.Schedule{Job: resync.Resync, AtBoot: resync.AnyBoot, FromBoot: true, Lines: resync.WaitsIdle}
	switch g := generationOf(f.Product); {
	case g.window:
		s.Daily = daily(f)
	case g.name == "96x1":
		s.Spread = seconds(f, resetSpread)
		if f.Text(pollPolicy) != "0" {
			s.Every = resync.Delays{{Base: time.Duration(f.Number(pollPeriod)) * time.Minute, Spread: seconds(f, pollSpread)}}
		}
		if f.Text(pollPolicy) == "1" {
			s.AtBoot = 0
		}
	}
	return resync.Settings{Jobs: [2]resync.Schedule{s}}
}

func seconds(f *steps.Firmware, name string) time.Duration {
	return time.Duration(f.Number(name)) * time.Second
}

// daily returns the window of polls; nil: the phone does not poll (AV-TIME-3).
func daily(f *steps.Firmware) *resync.Daily {
	from, to, _ := strings.Cut(f.Text(updateHours), ",")
	first, err1 := strconv.Atoi(strings.TrimSpace(from))
	last, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err1 != nil || err2 != nil || first < 0 || first > 23 || last < 0 || last > 23 {
		f.Warn("%s: want two hours from 0 to 23 with a comma between them", updateHours)
		first, last = 2, 4
	}
	hours := (last - first + 24) % 24
	if hours == 0 {
		hours = 24
	}
	d := &resync.Daily{At: time.Duration(first) * time.Hour, Window: time.Duration(hours) * time.Hour}
	switch f.Text(updateOn) {
	case "0":
		return nil
	case "2":
		d.Week = steps.Week(f.Text(updateDays))
	case "3":
		d.Days, d.Week = 28, steps.Week(f.Text(updateDays)[:1])
	}
	return d
}

// phone is a run. It is what scripts act on.
type phone struct {
	*steps.Run
	generation
	lease    map[string]string
	base     steps.Base
	settings map[string]string
	files    int  // asked for so far
	checked  bool // the firmware was looked at
	stop     bool // the job waits for an answer, or has ended
	lost     device.Ending
	events   []device.Event
}

// plan is a resync: a start, or a poll (AV-FILE-1, AV-SRC-1).
func plan(r *steps.Run) {
	p := &phone{Run: r, settings: map[string]string{}, generation: generationWith(r.Device.Product().Name, r.Model.Quirks)}
	if r.Device.Cause() == resync.Notify { // AV-TIME-4
		v := device.Ending{Outcome: resync.Unchanged, Then: device.ThenReboot, Note: "check-sync reboots the phone"}
		if r.Text(notifyOn) != "1" {
			v.Then, v.Note = device.ThenNothing, notifyOn+" is 0: check-sync has no effect"
		}
		r.End(v)
		return
	}
	p.lease = leased(r.Device.Lease(), &p.generation)
	failure := r.Device.NoServer("neither HTTPSRVR nor TLSSRVR is known", p.sson, 43)
	for i, base := range p.servers() {
		p.base = base
		file, ok := p.fetch("upgrade"+strconv.Itoa(i), p.upgrade, false)
		if !ok {
			return
		}
		if s, found := file.More.(*script); found && file.Fault.Outcome == resync.None {
			if p.run(s) {
				p.settle()
			}
			return
		}
		if failure = file.Fault; !passes(failure.Outcome) {
			break
		}
	}
	r.Forget() // nothing is stored of a failed start
	r.End(failure)
}

// value returns a setting: typed on the phone or from files, over the lease (AV-APP-2).
func (p *phone) value(name string) string {
	if value, ok := p.Device.Stored().Config.Get(name); ok {
		return value
	}
	if value, ok := p.lease[name]; ok {
		return value
	}
	known, _ := p.Model.Parameters.Named(name)
	return known.Default
}

// run carries a file out.
func (p *phone) run(s *script) bool {
	for _, bad := range s.bad[:min(len(s.bad), mostWarns)] {
		p.warn("line %d: %s", bad.Line, bad.Why)
	}
	equal := func(a, b string) bool { return a == b }
	if p.anyCase {
		equal = strings.EqualFold
	}
	done := s.run(p, equal)
	if done && !p.checked {
		done = p.firmware()
	}
	return done && !p.stop
}

// warn journals what is wrong with a file.
func (p *phone) warn(format string, args ...any) {
	if len(p.events) < mostWarns {
		p.events = append(p.events, device.Event{Kind: device.Warned, Note: fmt.Sprintf(format, args...)})
	}
}

// set takes a setting, the last one of equal names (AV-LANG-2).
func (p *phone) set(st statement) {
	if known, ok := p.Model.Parameters.Named(st.name); ok && st.value != "" {
		if err := known.Check(st.value); err != nil {
			p.warn("%s in line %d changes nothing: %v", st.name, st.line, err)
			return
		}
	}
	p.settings[st.name] = st.value
}

// lookup returns what IF tests (AV-LANG-5).
func (p *phone) lookup(st statement) (string, bool) {
	id := p.Device.Identity()
	if st.left && !p.swapped || !slices.Contains(p.tests, st.name) {
		return "", false
	}
	switch st.name {
	case "MACADDR":
		return id.MAC.String(), true
	case "MODEL":
		return id.Product, true
	case "MODEL4":
		return model4(id.Product), true
	case "BOOTNAME":
		return p.Device.Software(), true
	case "SIG_IN_USE":
		return map[bool]string{false: "SIP", true: "H323"}[p.upgrade == h323.upgrade], true
	case "VPNACTIVE":
		return "0", true
	}
	return p.value(st.name), true
}

// get obtains a file that another one names (AV-LANG-7, AV-FILE-4, AV-FILE-5).
func (p *phone) get(name string) (*script, bool) {
	if p.stop || !p.checked && !p.firmware() {
		return nil, false
	}
	file := p.expand(name)
	own := file != name || file == "46xxspecials.txt"
	switch {
	case !isFileName(file):
		p.warn("GET of an invalid name: want 1 to 50 letters, digits, dots, hyphens and _ (AV-FILE-5)")
		return nil, true
	case p.files+1 >= mostFiles:
		p.warn("GET %s is left out: a start asks for at most %d files (AV-LANG-7)", file, mostFiles)
		return nil, true
	}
	p.files++
	f, ok := p.fetch(fmt.Sprintf("%d %s", p.files, file), file, own)
	if !ok {
		return nil, false
	}
	if s, found := f.More.(*script); found && f.Fault.Outcome == resync.None {
		for _, bad := range s.bad[:min(len(s.bad), mostWarns)] {
			p.warn("%s: line %d: %s", file, bad.Line, bad.Why)
		}
		return s, true
	}
	if !own && p.lost.Outcome == resync.None {
		p.lost = f.Fault
		p.warn("%s was not obtained (%v): its settings go to their defaults (AV-APP-1)", file, f.Fault.Outcome)
	}
	return nil, true
}

// firmware looks at the image that the upgrade file names, before its first GET or at
// its end, and installs another one than that which runs. It reports false where the job
// waits or has ended (AV-FW-1).
func (p *phone) firmware() bool {
	image := p.settings[appName]
	if image == "" || p.runs(image) {
		p.checked = true
		return true
	}
	for _, name := range []string{rfsName, kernelName} {
		if other := p.settings[name]; other != "" {
			a := p.ask(name, other)
			a.Class, a.Limit, a.Head = device.ImageClass, p.Model.FirmwareLimit, 64
			if file, ok := p.Fetch(a); !ok {
				p.stop = true
				return false
			} else if file.Fault.Outcome != resync.None {
				return p.failedImage(other, file)
			}
		}
	}
	a, product := p.ask(appName, image), p.Device.Product().Name
	a.Class, a.Limit, a.Open, a.Key = device.ImageClass, p.Model.FirmwareLimit, steps.OpenImage(product), product
	file, ok := p.Fetch(a)
	switch {
	case !ok:
		p.stop = true
		return false
	case file.Fault.Outcome != resync.None:
		return p.failedImage(image, file)
	}
	p.stop = true
	p.Install(file.Version, a.Target.URL(), p.events...)
	return false
}

// failedImage goes on without the image.
func (p *phone) failedImage(name string, file *device.File) bool {
	p.warn("firmware %s was not installed: %s", name, cmp.Or(file.Fault.Note, file.Fault.Outcome.String()))
	p.checked = true
	return true
}

// runs reports whether an image is the one that runs: of the same name as the one that
// was installed, or named after the version that the phone was delivered with.
func (p *phone) runs(name string) bool {
	if before := p.Device.Stored().UpgradeURL; before != "" {
		return path.Base(before) == name
	}
	version := p.Device.Software()
	return strings.Contains(name, version) || strings.Contains(name, strings.ReplaceAll(version, ".", "_"))
}

// mark is by what a setting from files is known again.
func mark(name, value string) string { return name + ":" + steps.Digest([]byte(value))[:8] }

// whole is the slot of all settings. Its digest has a mark for each one that came from
// files: others are typed on the phone.
const whole = "whole"

// settle ends a resync: the settings of the files replace those of the files before, and
// what was typed on the phone stays above them (AV-APP-1 to -3).
func (p *phone) settle() {
	old, given := p.Device.Stored().Config, map[string]bool{}
	for m := range strings.SplitSeq(p.Seen(whole), " ") {
		given[m] = true
	}
	typed := old.Filter(func(name, value string) bool { return !given[mark(name, value)] })
	var b profile.Builder
	for _, name := range slices.Sorted(maps.Keys(p.settings)) {
		b.Set(name, p.settings[name], 0)
	}
	files := b.Config()
	var marks []string
	for name, value := range files.All() {
		if _, own := typed.Get(name); !own {
			marks = append(marks, mark(name, value))
		}
	}
	next, now := files.Merge(typed), strings.Join(marks, " ")
	changed := p.Changed(old, next)
	v := device.Ending{Outcome: resync.Unchanged, Events: p.events}
	switch {
	case p.lost.Outcome != resync.None && p.Model.Quirks.On(keepSettings):
		p.Forget()
		v.Outcome, v.Note = p.lost.Outcome, "the stored settings stay"
	case len(changed) == 0 && now == p.Seen(whole):
		p.Forget()
	default:
		note := fmt.Sprintf("%d settings in the files, %d changed", files.Len(), len(changed))
		p.Forget() // of the files only this remains
		p.Has(&device.File{Name: whole, Digest: now, Config: next, Version: note})
		v.Outcome, v.After = resync.Applied, device.Reload
		if cause := p.Device.Cause(); cause == resync.Periodic || cause == resync.Person {
			v.After = device.Reboot
			if p.window && p.Text(rebootAsks) == "1" {
				v.After = device.Remain
			}
		}
	}
	p.End(v)
}
