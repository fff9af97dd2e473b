package device

import "provsim/profile"

// Memo remembers what firmware has worked out, so that devices with equal files
// and settings do it once and share the result: a file that many devices fetch is
// parsed once, and settings that are equal are kept once. What a device does is
// the same with a Memo and without; it takes less time and memory.
//
// A Memo is optional. Models whose devices one goroutine drives may share one,
// others may not. It is bounded: what has not been asked for in a while is
// forgotten, and worked out anew, so a fleet whose phones all have files of their
// own does not make it grow.
type Memo struct {
	last     knownFile // the latest file
	same     cache[sameFile, knownFile]
	files    cache[fileText, *File]
	changes  cache[change, *Change]
	firmware cache[settings, *bootedFirmware]
	shares   cache[shared, *shared]
	stored   cache[Stored, *Stored]
	drafts   cache[Draft, *Draft]
}

// File is a configuration file as the firmware has read it. Devices share it, so
// nothing changes it.
type File struct {
	Name     string // by which the firmware tells files apart; "" where a job has only one
	Digest   string // of its bytes, where the firmware compares those
	Config   profile.Config
	Version  string  // that of FV-CFG-3; "" where the file has none
	More     any     // what else the vendor's parser has read; comparable, and never changed
	Warnings []Event // about single lines
	Aside    bool    // it is no configuration, and counts for nothing when a job is judged
	Fault    Ending  // why the file cannot be used; its outcome is None where it can
}

// Change is the result of applying a file to settings. Devices share it.
type Change struct {
	Config profile.Config
	Events []Event
}

// sameFile finds a file by where its body lies. The body stays alive with it, so
// that no other can come to lie there.
type sameFile struct {
	model *Model
	body  *byte
	size  int
	key   string
}

// knownFile is a file that is recognised without a look into a map.
type knownFile struct {
	same sameFile
	text fileText
	file *File
}

type fileText struct {
	model     *Model
	body, key string
}

type change struct {
	model *Model
	old   profile.Config
	file  *File
}

type settings struct {
	model   *Model
	config  profile.Config
	product string // "" where all products boot alike
}

// The limits of a generation. A Memo holds two: it keeps one while the next grows.
const (
	fileBytes = 4 << 20 // of file bodies
	fewOf     = 1 << 10 // changes, firmware values, memories
)

// NewMemo returns a Memo that knows nothing yet.
func NewMemo() *Memo {
	m := &Memo{}
	m.same.limit, m.files.limit = fileBytes, fileBytes
	m.drafts.limit = fewOf
	m.changes.limit, m.firmware.limit, m.stored.limit, m.shares.limit = fewOf, fewOf, fewOf, fewOf
	return m
}

// File returns what read makes of a file's body and the key that opens it. A
// body that is the same slice as before is recognised without a look at its
// bytes, which nothing changes (see [Reply]). A nil Memo calls read each time.
func (m *Memo) File(model *Model, body []byte, key string, read func() *File) *File {
	if m == nil || len(body) == 0 {
		return read()
	}
	same := sameFile{model, &body[0], len(body), key}
	if m.last.same == same || m.last.text.model == model && m.last.text.key == key && m.last.text.body == string(body) {
		return m.last.file
	}
	known, ok := m.same.get(same, len(body))
	if !ok {
		known = m.fileByText(same, string(body), read)
		m.same.put(same, known, len(body))
	}
	m.last = known
	return known.file
}

func (m *Memo) fileByText(same sameFile, body string, read func() *File) knownFile {
	text := fileText{same.model, body, same.key}
	f, ok := m.files.get(text, len(body))
	if !ok {
		f = read()
		m.files.put(text, f, len(body))
	}
	return knownFile{same, text, f}
}

// Change returns what apply makes of settings and a file. A nil Memo calls apply
// each time.
func (m *Memo) Change(model *Model, old profile.Config, file *File, apply func() *Change) *Change {
	if m == nil {
		return apply()
	}
	key := change{model, old, file}
	c, ok := m.changes.get(key, 1)
	if !ok {
		c = apply()
		m.changes.put(key, c, 1)
	}
	return c
}

// boot returns the firmware that the personality makes of settings.
func (m *Memo) boot(model *Model, product string, config profile.Config) *bootedFirmware {
	p := model.Personality
	if p.BootProduct == nil {
		product = ""
	}
	boot := func() *bootedFirmware {
		if product != "" {
			return &bootedFirmware{p.BootProduct(model, product, config)}
		}
		return &bootedFirmware{p.Boot(model, config)}
	}
	if m == nil {
		return boot()
	}
	key := settings{model, config, product}
	f, ok := m.firmware.get(key, 1)
	if !ok {
		f = boot()
		m.firmware.put(key, f, 1)
	}
	return f
}

// shared returns what devices of a model and a product have in common.
func (m *Memo) shared(model *Model, p *Product) *shared {
	if m == nil {
		return &shared{model, p}
	}
	key := shared{model, p}
	s, ok := m.shares.get(key, 1)
	if !ok {
		s = &shared{model, p}
		m.shares.put(key, s, 1)
	}
	return s
}

// keep returns a memory that equals s. One with the time of a success is a
// device's own.
func (m *Memo) keep(s Stored) *Stored {
	if m != nil && s.LastSuccess.IsZero() {
		if kept, ok := m.stored.get(s, 1); ok {
			return kept
		}
	}
	kept := new(Stored)
	*kept = s
	if m != nil && s.LastSuccess.IsZero() {
		m.stored.put(s, kept, 1)
	}
	return kept
}

// Draft returns a draft that equals d.
func (m *Memo) Draft(d Draft) *Draft {
	if m != nil {
		if known, ok := m.drafts.get(d, 1); ok {
			return known
		}
	}
	kept := new(Draft)
	*kept = d
	if m != nil {
		m.drafts.put(d, kept, 1)
	}
	return kept
}
