package audiocodes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/lines"
	"provsim/resync"
)

// The limits of includes (AC-CFG-2).
const (
	mostDepth = 8
	mostFiles = 32
	mostBytes = 1 << 20
)

// longestWait is the longest wait before a reset, in seconds.
const longestWait = 86400

// loops is the check with a reboot after which the journal warns of a loop (AC-APP-2).
const loops = 3

// session is a job under way. Its methods report false where the job waits for an
// answer.
type session struct {
	*steps.Run
	generation *generation

	failure device.Ending // of the latest file
	events  []device.Event
	then    device.Then
	keeps   bool // there is something to remember even if nothing is applied
	applies bool // settings have changed
	voice   bool // a changed setting is one of the line
	reboots bool // a changed setting or a request asks for a reboot
	asked   bool // by a request
	factory bool // a request asks for a factory reset
	version string
	url     string // of the new firmware
}

func begin(r *steps.Run) *session {
	return &session{Run: r, generation: generationOf(r.Device.Identity())}
}

// value returns a setting with its encryption taken off.
func (s *session) value(name string) string { return openValue(s.Text(name), s.Model.Secrets) }

// stored returns a setting as it was before the job.
func (s *session) stored(name string) string {
	return s.Model.Parameters.Value(s.Device.Stored().Config, name)
}

func (s *session) say(kind device.EventKind, format string, args ...any) {
	s.events = append(s.events, device.Event{Kind: kind, Note: fmt.Sprintf(format, args...)})
}

// check is a resync: the firmware, then the configuration (AC-FILE-1).
func check(r *steps.Run) {
	s := begin(r)
	p, refusal, ok := s.find()
	if !ok {
		return
	}
	if s.failure = refusal; refusal.Outcome == resync.None {
		if !s.firmware(p.firmware) || s.version == "" && !s.configuration(p.configuration) {
			return
		}
	}
	if s.settle() {
		s.conclude(resync.Unchanged)
	}
}

// firmware asks for the image. One of the version that runs is read no further than
// its head, and another one ends the check. What is missing or bad changes nothing
// (AC-FILE-2, AC-FW-2).
func (s *session) firmware(url string) bool {
	if url == "" {
		return true
	}
	t, err := target(url, "tftp", s.Device.Identity(), s.Model.Quirks)
	if err != nil {
		s.say(device.Warned, "firmware: %v", err)
		return true
	}
	model, version := s.Device.Product().Name, s.Device.Software()
	a := steps.Ask{
		Slot: "firmware", Target: t, Class: device.ImageClass, Limit: s.Model.FirmwareLimit, May: true, Whole: true,
		Open: func(body []byte) *device.File { return openImage(body, model, version) },
	}
	if s.Model.Quirks[imageRead] != "full" {
		a.Head, a.Enough = headSize, func(head []byte) bool {
			i, err := readHead(head)
			return err != nil || i.model != model || i.version == version
		}
	}
	file, ok := s.Fetch(a)
	if !ok {
		return false
	}
	if i, good := file.More.(image); good && file.Fault.Outcome == resync.None && i.version != version {
		s.version, s.url = i.version, t.URL()
	}
	return true
}

// openImage reads an image, or the head of one.
func openImage(body []byte, model, version string) *device.File {
	i, err := readHead(body)
	switch {
	case err != nil:
		return steps.Bad(resync.BadImage, err.Error())
	case i.model != model:
		return steps.Bad(resync.BadImage, "the image is for "+profile.Quote(i.model)+", this is a "+model)
	case i.version == version:
		return &device.File{More: i}
	}
	if err := checkSections(body); err != nil {
		return steps.Bad(resync.BadImage, err.Error())
	}
	return &device.File{More: i}
}

// configuration asks for the configuration and its includes and applies them as one
// (AC-CFG-2, AC-APP-1).
func (s *session) configuration(url string) bool {
	if url == "" {
		s.failure = device.Ending{Outcome: resync.NoServer, Note: "no URL of a configuration"}
		return true
	}
	t, err := target(url, "tftp", s.Device.Identity(), s.Model.Quirks)
	if err != nil {
		s.failure = device.Ending{Outcome: resync.BadRule, Note: err.Error()}
		return true
	}
	c := &collector{session: s}
	if !c.collect(t, "configuration", nil) {
		return false
	}
	if s.failure.Outcome != resync.None {
		return true
	}
	file := s.Model.Memo.File(s.Model, []byte(c.digests), "whole "+s.generation.name, func() *device.File {
		return assemble(c.rows, s.Model, s.generation.shortPeriods)
	})
	s.events = append(s.events, file.Warnings...)
	if model, ok := file.Config.Get(systemType); ok && model != "" && !strings.EqualFold(openValue(model, s.Model.Secrets), s.Device.Product().Name) {
		s.failure = device.Ending{Outcome: resync.WrongModel, Note: "the file is for " + profile.Quote(model) + ", this is a " + s.Device.Product().Name}
		return true
	}
	s.apply(file)
	if o, ok := file.More.(*orders); ok {
		return s.once(o.list)
	}
	return true
}

// apply takes settings, and notes what their changes come to (AC-APP-1).
func (s *session) apply(file *device.File) {
	before := s.Config()
	s.Has(file)
	// A phone is of its own model before any file says so.
	changed := slices.DeleteFunc(s.Changed(before, s.Config()), func(name string) bool { return name == systemType })
	s.applies = s.applies || len(changed) > 0
	s.reboots = s.reboots || slices.ContainsFunc(changed, reboots)
	s.voice = s.voice || slices.ContainsFunc(changed, voice)
}

// collector fetches a configuration with its includes.
type collector struct {
	*session
	rows    []lines.Line
	digests string
	files   int
	bytes   int
}

// collect fetches a file and those that it includes. Above are the files that include
// it.
func (c *collector) collect(t profile.Target, slot string, above []string) bool {
	fail := func(o resync.Outcome, note string) bool {
		c.failure = device.Ending{Outcome: o, Note: note}
		return true
	}
	url := t.URL()
	switch {
	case slices.Contains(above, url):
		return fail(resync.Include, url+" includes itself")
	case len(above) > mostDepth:
		return fail(resync.Include, fmt.Sprintf("files are included more than %d deep", mostDepth))
	case c.files == mostFiles:
		return fail(resync.Include, fmt.Sprintf("more than %d files", mostFiles))
	}
	c.files++
	q := c.Model.Quirks
	a := steps.Ask{Slot: slot, Target: t, Open: func(body []byte) *device.File { return open(body, q.On(comments), above != nil) }}
	if secret := c.Model.Secrets[fileSecret]; strings.HasSuffix(strings.ToLower(t.Path), ".cfx") {
		a.Open, a.Key = func(body []byte) *device.File { return openSealed(body, secret, q.On(comments)) }, "cfx"
	}
	file, ok := c.Fetch(a)
	if !ok {
		return false
	}
	if v := file.Fault; v.Outcome != resync.None {
		if above != nil && v.Outcome == resync.Empty {
			return true
		}
		if above != nil {
			return fail(resync.Include, fmt.Sprintf("%s: %v %s", url, v.Outcome, v.Note))
		}
		c.failure = v
		return true
	}
	d, _ := file.More.(*document)
	c.events = append(c.events, file.Warnings...)
	if c.bytes += d.size; c.bytes > mostBytes {
		return fail(resync.Include, fmt.Sprintf("the files have more than %d bytes together", mostBytes))
	}
	c.digests += file.Digest + "\n"
	above = append(slices.Clone(above), url)
	for _, row := range d.rows {
		if row.Kind == lines.Setting {
			c.rows = append(c.rows, row)
			continue
		}
		next, err := c.included(t, row.Value)
		if err != nil {
			return fail(resync.Include, err.Error())
		}
		if !c.collect(next, "include "+row.Value, above) {
			return false
		}
		if c.failure.Outcome != resync.None {
			return true
		}
	}
	return true
}

// included returns where an included file is: a URL, or a name in the directory of the
// file that includes it.
func (c *collector) included(from profile.Target, name string) (profile.Target, error) {
	id, q := c.Device.Identity(), c.Model.Quirks
	if strings.Contains(name, "://") {
		return target(name, from.Scheme, id, q)
	}
	name = expand(name, id, q)
	if !strings.HasPrefix(name, "/") {
		name = from.Path[:strings.LastIndexByte(from.Path, '/')+1] + name
	}
	from.Path = name
	return from, nil
}

// once does the actions of a file that have not been done (AC-ACT-4).
func (s *session) once(list []action) bool {
	const slot = "actions"
	for _, a := range list {
		done := strings.Fields(s.Mark(slot))
		if a.id == "" || slices.Contains(done, a.id) || strings.ContainsAny(a.id, " \t") {
			continue
		}
		done = append(done, a.id)
		s.Remember(slot, strings.Join(done[max(0, len(done)-mostIDs):], " "))
		s.keeps = true
		switch a.kind {
		case askStatus:
			s.then = device.ThenKeepAlive
		case askConfig: // it has just been done
		default:
			if !s.do(a) {
				return false
			}
		}
	}
	return true
}

// do does an action.
func (s *session) do(a action) bool {
	switch a.kind {
	case askMessage:
		s.say(device.MessageShown, "%s", profile.Quote(a.value))
	case askReset: // at once where the value is no number; when the lines are idle in any case
		wait, _ := strconv.ParseUint(a.value, 10, 32)
		if !s.Pause(time.Duration(min(wait, longestWait))*time.Second, s.Device.URL()) {
			return false
		}
		s.asked = true
	case askSave:
		s.apply(savedForm(a.value))
	case askFactory:
		s.factory = true
	case askLogins:
		return s.alarm("IPPHONE WEB SUCCESSIVE LOGIN FAILED TRIALS", 3, "")
	case askFirmware, askConfig:
		p, refusal, ok := s.find()
		if !ok {
			return false
		}
		if refusal.Outcome != resync.None {
			s.failure = refusal
			return true
		}
		if a.kind == askConfig {
			return s.configuration(p.configuration)
		}
		if a.value != "" {
			p.firmware = a.value
		}
		return s.firmware(p.firmware)
	default:
		s.say(device.Warned, "an action is unknown and left out")
	}
	return true
}

// settle sends what is to be said before the job ends: an alarm, and that the phone
// goes down (AC-AL-2, AC-KA-3).
func (s *session) settle() bool {
	reboots := s.reboots || s.asked || s.factory || s.version != ""
	if !reboots {
		s.statuses()
	}
	switch {
	case reboots && s.busy() && !s.alarm("IPPHONE REQUIRES RESET", 3, ""):
		return false
	case !reboots && s.Job == resync.Resync && s.failure.Outcome != resync.None && !s.alarm("IPPHONE GENERAL LOCAL EVENT", 2, s.failure.Outcome.String()):
		return false
	case reboots && s.manager() && !s.post(offline):
		return false
	}
	return true
}

func (s *session) busy() bool {
	active := s.Device.Status().Lines
	return slices.Contains(active[:], true)
}

// conclude ends the job. Well is its outcome where nothing was applied and nothing
// failed.
func (s *session) conclude(well resync.Outcome) {
	v := device.Ending{Outcome: well, After: device.Remain, Then: s.then}
	const slot = "reboots"
	count, _ := strconv.Atoi(s.Mark(slot))
	switch {
	case s.version != "":
		v = device.Ending{Version: s.version}
	case s.factory:
		v.Then = device.ThenReset
	case s.asked:
		v = device.Ending{Outcome: resync.Applied, Note: "a reset was asked for"}
	case s.reboots:
		s.Remember(slot, strconv.Itoa(count+1))
		if count+1 >= loops {
			s.say(device.Warned, "%d checks in a row have changed a setting that needs a reboot: the files and settings of the server go round in a circle", count+1)
		}
		v = device.Ending{Outcome: resync.Applied}
	case s.failure.Outcome != resync.None:
		v = s.failure
		v.After, v.Then = device.Remain, s.then
	case s.applies:
		v.Outcome, v.After = resync.Applied, device.Reload
	}
	if count > 0 && !s.reboots && s.version == "" && v.Outcome.Success() {
		s.Remember(slot, "0")
		s.keeps = true
	}
	v.Keep, v.Events = s.keeps, s.events
	if s.version != "" {
		s.Install(s.version, s.url, s.events...)
		return
	}
	s.End(v)
}
