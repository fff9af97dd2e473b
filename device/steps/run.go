package steps

import (
	"slices"
	"time"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// Ask is a step: the file to fetch, and how its answer is read.
type Ask struct {
	// Slot is the name by which the vendor tells its files apart, such as "common".
	// Files are compared with those of the same slot of an earlier run. Phones whose
	// files are equal share them where their slots are equal too.
	Slot    string
	Target  profile.Target
	URL     string // of Target, where it is known; "" else
	Method  device.Method
	Class   device.Class
	Type    string        // of Body
	Body    func() []byte // of a write or a post
	Agent   string        // the User-Agent; "": the personality's
	Timeout time.Duration // of a transfer; 0: the model's
	Limit   int64         // bytes; 0: the model's limit of configurations

	// Open reads the body of an answer. It is called once for all phones that get
	// equal bytes with an equal Key; nil: the body is kept nowhere, and that it came
	// is all that counts.
	Open func(body []byte) *device.File
	Key  string // what Open depends on beside the body, such as a key
	// Check refuses a file that other phones with the same bytes need not refuse, such
	// as one for another address: it returns a failure. Nil: nothing is refused so.
	Check func(*device.File) device.Ending

	TFTP  device.TFTPOptions // what a TFTP request asks for where the model asks for nothing
	Slash bool               // the name in a TFTP request begins with "/", as with Vendor.Slash

	HTTP11  bool // that of [device.Request], likewise the next
	NoHTTPS bool

	// May says that the absence of the file is the vendor's normal case: its journal
	// and its counts call it expected. Note is for the journal then.
	May  bool
	Note string

	// Tries is how often the request is made where there is no answer, Wait how long
	// the phone waits between two tries. 0 and 1 are one try.
	Tries int
	Wait  time.Duration
	// Again says for a reply whether the request is made again, where Tries allows it,
	// and how long the phone waits before; nil: where there is no answer, after Wait.
	Again func(*device.Reply) (wait time.Duration, again bool)

	Marked bool // the phone remembers the file though it is no configuration

	// Enough and Head are those of [device.Request]. Where Head is set Open gets at most
	// Head bytes, unless Whole is set.
	Enough func(head []byte) bool
	Head   int
	Whole  bool

	Pointed bool // that of [device.Request], likewise the next
	Named   bool
	Trusted bool // the server's certificate is checked, whatever the settings say
}

// Run is one job under way.
type Run struct {
	*Firmware
	Device *device.Device
	Job    resync.Job

	answers  []*device.Draft // what is known, the first answer first
	used     int             // of the answers
	config   profile.Config  // with the answers up to configAt, if that is not 0
	configAt int
	reply    *device.Reply // the one that has just come, until a Fetch takes it
	draft    *device.Draft // all answers, as a chain
	move     *device.Move
	stopped  bool
}

// Stopped reports whether the plan waits for an answer, or has ended: it returns then.
func (r *Run) Stopped() bool { return r.stopped }

// Order returns the order from outside that the job carries out, if it carries out one.
func (r *Run) Order() (device.Order, bool) {
	order := r.Device.Draft().Order()
	if order == "" {
		return "", false
	}
	r.used++
	return order, true
}

// Known returns the answer to the next step where it is known already, as Fetch would:
// a plan need not work out then what it has asked for.
func (r *Run) Known() (*device.File, bool) {
	if r.used == len(r.answers) {
		return nil, false
	}
	r.used++
	return r.answers[r.used-1].File, true
}

// Reply returns the reply that has come, until a Fetch takes it. Where it is nil the next
// Fetch makes a request; otherwise it does not matter where the request went.
func (r *Run) Reply() *device.Reply { return r.reply }

// Past reports whether the answer to the step of a slot is known, and goes on behind it.
func (r *Run) Past(slot string) bool {
	for i := r.used; i < len(r.answers); i++ {
		if r.answers[i].File.Name == slot {
			r.used = i + 1
			return true
		}
	}
	return false
}

// Fetch returns the answer to a step, or asks for it and reports false. The file of
// a step that failed has a Fault.
func (r *Run) Fetch(a Ask) (*device.File, bool) {
	if file, known := r.Known(); known {
		return file, true
	}
	if r.reply == nil {
		r.request(&a)
		r.stopped = true
		return nil, false
	}
	reply := r.reply
	r.reply = nil
	if wait, again := a.again(reply); again && int(r.Device.Stage())+1 < a.Tries {
		r.move.Stage, r.move.Wait = r.Device.Stage()+1, wait
		r.move.URL = r.Device.URL()
		r.stopped = true
		return nil, false
	}
	file := r.judge(&a, reply)
	r.move.Expected = a.May && reply.Outcome == resync.NotFound
	if r.move.ReplyNote = reply.Note; r.move.Expected && a.Note != "" {
		r.move.ReplyNote = a.Note
	}
	if reply.Outcome == resync.None {
		r.move.Fault = file.Fault.Outcome
	}
	if r.move.Fault != resync.None && file.Fault.Note != "" {
		r.move.ReplyNote = r.move.Fault.String() + ": " + file.Fault.Note
	}
	r.add(file)
	return file, true
}

// Has adds a file that no transfer brought, such as settings that follow from the
// answers so far. It is a step like a Fetch whose answer is there at once.
// It returns the file as it was when the step was taken.
func (r *Run) Has(file *device.File) *device.File {
	if r.used == len(r.answers) {
		r.add(file)
		return file
	}
	r.used++
	return r.answers[r.used-1].File
}

func (r *Run) add(file *device.File) {
	r.draft = r.Model.Memo.Draft(device.Draft{Before: r.draft, File: file})
	r.answers = append(r.answers, r.draft)
	r.used++
}

// paused is the stage of a job in a Pause.
const paused = 255

// Pause lets the phone wait and reports whether the time is over. It is a step like a
// Fetch. URL is where the phone goes next, or has gone last.
func (r *Run) Pause(wait time.Duration, url string) bool {
	return r.AskNetwork(device.AskNothing, wait, url)
}

// AskNetwork is a Pause that ends when the network answers, and at the latest after wait.
// The answer is in the device's lease.
func (r *Run) AskNetwork(ask device.NetworkAsk, wait time.Duration, url string) bool {
	if r.used < len(r.answers) {
		r.used++
		return true
	}
	if wait <= 0 || r.reply == nil && r.Device.Stage() == paused && r.Device.Draft() == r.draft {
		r.add(&pauseOver)
		return true
	}
	r.reply = nil
	r.move.Stage, r.move.Wait, r.move.URL, r.move.Ask = paused, wait, url, ask
	r.stopped = true
	return false
}

// pauseOver stands for a pause in the chain of answers.
var pauseOver = device.File{}

// Seen returns what the phone remembers of a slot; "" where it remembers nothing.
func (r *Run) Seen(slot string) string {
	return memory(r.Device.Stored().Seen).of(slot)
}

// Forget drops what the job has brought: nothing of it is stored.
func (r *Run) Forget() { r.draft = nil }

// request asks for a step.
func (r *Run) request(a *Ask) {
	m := r.Model
	r.Firmware.request = device.Request{
		Target: a.Target, Job: r.Job, Method: a.Method, Class: a.Class, Type: a.Type, Body: a.Body,
		Agent: a.Agent, Limit: a.Limit, Timeout: a.Timeout, TLS: r.TLS, TFTP: m.TFTP, Slash: r.vendor.Slash || a.Slash,
		Enough: a.Enough, Head: a.Head, HTTP11: a.HTTP11, NoHTTPS: a.NoHTTPS, Pointed: a.Pointed, Named: a.Named,
	}
	req := &r.Firmware.request
	if a.Trusted {
		req.TLS.AnyChain, req.TLS.AnyName = false, false
	}
	r.Device.Personalise(req)
	if req.Limit == 0 {
		req.Limit = m.ConfigLimit
	}
	if req.Timeout == 0 {
		req.Timeout = m.Timeout
	}
	if req.Agent == "" && m.Agent != "" {
		p, d := m.Personality, r.Device
		req.Agent = macro.Expand(m.Agent, p.Vars(d.Identity(), d.Lease()), p.Macros(m.Quirks))
	}
	if req.TFTP == (device.TFTPOptions{}) {
		req.TFTP = a.TFTP
	}
	if r.move.Request, r.move.URL = req, a.URL; a.URL == "" {
		r.move.URL = a.Target.URL()
	}
	r.move.Stage = 0
	if r.Device.Draft() == r.draft { // the same step again, after a pause
		r.move.Stage = r.Device.Stage()
	}
}

// Config returns the settings of the device with what the files up to this place of
// the plan have set.
func (r *Run) Config() profile.Config {
	stored := r.Device.Stored()
	if r.used == 0 {
		return stored.Config
	}
	if r.configAt != r.used {
		draft := r.answers[r.used-1]
		r.config, r.configAt = r.over(stored, draft, r.skips(draft)), r.used
	}
	return r.config
}

// Text returns a setting by its name in files, as it is with the files so far, or
// its default.
func (r *Run) Text(name string) string { return r.textOf(r.Config(), name) }

// Mark returns the mark of a slot as [Run.Remember] has left it in this job, else as
// the phone remembers it; "" for none.
func (r *Run) Mark(slot string) string {
	for i := r.used - 1; i >= 0; i-- {
		if f := r.answers[i].File; f != nil && f.Name == slot && f.Digest != "" && f.Fault.Outcome == resync.None {
			return f.Digest
		}
	}
	return r.Seen(slot)
}

// Remember has the phone remember a mark for a slot. It is a step like a Fetch.
func (r *Run) Remember(slot, mark string) { r.Has(&device.File{Name: slot, Digest: mark, Aside: true}) }

// Changed returns the names of settings that have another value in one of two
// configurations.
func (r *Run) Changed(a, b profile.Config) (names []string) {
	for _, p := range r.Model.Parameters.Changed(a, b) {
		names = append(names, p.Name)
	}
	return names
}

// Files returns the files of the answers so far, the first one first, those of
// failed steps included.
func (r *Run) Files() []*device.File {
	files := make([]*device.File, len(r.answers))
	for i, a := range r.answers {
		files[i] = a.File
	}
	return files
}

// End sets how the job ends. What the files have brought is stored all the
// same where it failed, and where the ending says so.
func (r *Run) End(v device.Ending) {
	r.move.Ending, r.stopped = v, true
	r.move.Keep = v.Keep || !v.Outcome.Success()
	if v.Outcome == resync.Unchanged && !v.Keep {
		r.draft = nil
	}
}

// Finish ends a resync with its [Run.Result].
func (r *Run) Finish() { r.End(r.Result()) }

// Result returns the outcome of a resync: applied where a file has changed, unchanged
// where none has, and where no step of a configuration brought a file, the first
// failure that is not a missing file, else not-found.
func (r *Run) Result() device.Ending {
	failure := device.Ending{Outcome: resync.NotFound, Note: "no file was found"}
	found, changed := false, false
	var events []device.Event
	for _, a := range r.answers {
		f := a.File
		switch o := f.Fault.Outcome; {
		case f.Aside:
		case o == resync.None && f.Digest != "":
			found = true
			events = append(events, f.Warnings...)
			changed = changed || r.vendor.Changed(r.Seen(f.Name), f)
		case o != resync.None && o != resync.NotFound && failure.Outcome == resync.NotFound:
			failure = f.Fault
		}
	}
	v := device.Ending{Outcome: resync.Unchanged}
	settings := r.Model.Parameters.Changed(r.Device.Stored().Config, r.Config())
	switch {
	case !found:
		v = failure
	case changed || len(settings) > 0:
		v.Outcome, v.After = resync.Applied, device.Reload
		if slices.ContainsFunc(settings, r.vendor.reboots) {
			v.After = device.Reboot
		}
	}
	v.Events = events
	return v
}
