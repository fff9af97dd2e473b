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
	same     generations[sameFile, knownFile]
	files    generations[fileText, *File]
	changes  generations[change, *Change]
	firmware generations[settings, *booted]
	kinds    generations[kind, *kind]
	stored   generations[Stored, *Stored]
}

// File is a configuration file as the firmware has read it. Devices share it, so
// nothing changes it.
type File struct {
	Config   profile.Config
	Version  string  // that of FV-CFG-3; "" where the file has none
	Warnings []Event // about single lines
	Fault    Verdict // why the file cannot be used; its outcome is None where it can
}

// Change is what applying a file to settings comes to. Devices share it.
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
	model  *Model
	config profile.Config
}

// What a Memo may hold, twice over: one generation is kept while the next grows.
const (
	fileBytes = 4 << 20 // of file bodies
	fewOf     = 1 << 10 // changes, firmware values, memories
)

// NewMemo returns a Memo that knows nothing yet.
func NewMemo() *Memo {
	m := &Memo{}
	m.same.limit, m.files.limit = fileBytes, fileBytes
	m.changes.limit, m.firmware.limit, m.stored.limit, m.kinds.limit = fewOf, fewOf, fewOf, fewOf
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
func (m *Memo) boot(model *Model, config profile.Config) *booted {
	if m == nil {
		return &booted{model.Personality.Boot(model, config)}
	}
	key := settings{model, config}
	f, ok := m.firmware.get(key, 1)
	if !ok {
		f = &booted{model.Personality.Boot(model, config)}
		m.firmware.put(key, f, 1)
	}
	return f
}

// kind returns what devices of a model and a make have in common.
func (m *Memo) kind(model *Model, mk *Make) *kind {
	if m == nil {
		return &kind{model, mk}
	}
	key := kind{model, mk}
	k, ok := m.kinds.get(key, 1)
	if !ok {
		k = &kind{model, mk}
		m.kinds.put(key, k, 1)
	}
	return k
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
