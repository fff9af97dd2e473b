package profile

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Config is a list of named values, as a configuration file holds them. It is
// immutable, so copies share what they hold; the zero Config is empty. Names are
// case-sensitive, values are bytes of any kind.
//
// A Config is one pointer, since a fleet keeps many. Two that are equal by ==
// have equal content; two that are not may have.
//
// As JSON it is a base64 string of the printed form, for a value need not be
// UTF-8.
type Config struct{ held *content }

// content is what a Config holds. It changes only while the Config is made.
type content struct {
	settings []setting
	index    map[string]int32 // positions in settings; nil where they are few
	bad      []BadLine
}

type setting struct {
	name, value string
	line        int32 // where it was read, counted from 1; 0 otherwise
}

// few is the largest number of settings that needs no map: looking at each takes
// no longer, and a fleet keeps many small Configs.
const few = 32

// BadLine is a line that is neither a setting, nor a comment, nor blank. The
// device skips it (FV-CFG-2).
type BadLine struct {
	Line   int    // counted from 1
	Column int    // in characters, counted from 1
	Why    string // what was found and wanted; never what the line says
}

// Get returns the value of a setting, and false where there is none.
func (c Config) Get(name string) (value string, ok bool) {
	if i := c.find(name); i >= 0 {
		return c.held.settings[i].value, true
	}
	return "", false
}

// Line returns the line that a value was read from, counted from 1: the last one
// where a file names it several times. It is 0 for a setting that is not there
// or was not read from a file.
func (c Config) Line(name string) int {
	if i := c.find(name); i >= 0 {
		return int(c.held.settings[i].line)
	}
	return 0
}

// All yields names and values, each name once, at the place where the file named
// it first and with the value that it gave last (FV-CFG-1).
func (c Config) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, s := range c.list() {
			if !yield(s.name, s.value) {
				return
			}
		}
	}
}

// Len returns the number of settings.
func (c Config) Len() int { return len(c.list()) }

func (c Config) list() []setting {
	if c.held == nil {
		return nil
	}
	return c.held.settings
}

// Bad returns the bad lines of the file, in its order. A merged Config has none.
func (c Config) Bad() []BadLine {
	if c.held == nil {
		return nil
	}
	return slices.Clone(c.held.bad)
}

// Merge returns c with the settings of over put on it (FV-CFG-4): those that
// over names change in their place, those that c does not have follow in over's
// order, and all others stay. Where the first of two values shall count, call it
// the other way round.
func (c Config) Merge(over Config) Config {
	merged := &content{settings: make([]setting, 0, c.Len()+over.Len())}
	for _, s := range c.list() {
		if value, ok := over.Get(s.name); ok {
			s.value = value
		}
		merged.settings = append(merged.settings, s)
	}
	for _, s := range over.list() {
		if c.find(s.name) < 0 {
			merged.settings = append(merged.settings, s)
		}
	}
	merged.pack()
	merged.indexAll()
	return Config{merged}
}

// Filter returns the settings that keep reports true for, in the same order and
// without the bad lines.
func (c Config) Filter(keep func(name, value string) bool) Config {
	kept := &content{}
	for _, s := range c.list() {
		if keep(s.name, s.value) {
			kept.settings = append(kept.settings, s)
		}
	}
	kept.indexAll()
	return Config{kept}
}

// With returns c with one setting changed or added. A name may have blanks inside, as
// those of some vendors do. The error says what is
// wrong with the name or the value, and does not show the value.
func (c Config) With(name, value string) (Config, error) {
	switch at := badTypedByte(name); {
	case name == "":
		return Config{}, errors.New("a setting has no name")
	case at >= 0:
		return Config{}, fmt.Errorf("setting %s: %s", Quote(name), badName)
	case strings.ContainsRune(value, '\n'):
		return Config{}, fmt.Errorf("setting %s: found a line end in the value, want one line", name)
	}
	value = strings.TrimRight(value, blanks+"\r")
	if IndexControl(value) >= 0 {
		return Config{}, fmt.Errorf("setting %s: found a control character, want text and TABs only", name)
	}
	return c.Merge(Config{&content{settings: []setting{{name: name, value: value}}}}), nil
}

// pack copies all names and values into one string and forgets the lines. The
// files that they came from can then be collected, however many were merged.
func (c *content) pack() {
	size := 0
	for _, s := range c.settings {
		size += len(s.name) + len(s.value)
	}
	var b strings.Builder
	b.Grow(size)
	for _, s := range c.settings {
		b.WriteString(s.name)
		b.WriteString(s.value)
	}
	text := b.String()
	for i, s := range c.settings {
		names, values := len(s.name), len(s.name)+len(s.value)
		c.settings[i] = setting{name: text[:names], value: text[names:values]}
		text = text[values:]
	}
}

// find returns the position of a setting, or -1.
func (c Config) find(name string) int {
	if c.held == nil {
		return -1
	}
	return c.held.find(name)
}

func (c *content) find(name string) int {
	if c.index != nil {
		if i, ok := c.index[name]; ok {
			return int(i)
		}
		return -1
	}
	return slices.IndexFunc(c.settings, func(s setting) bool { return s.name == name })
}

// indexAll makes the index, if there are enough settings for one.
func (c *content) indexAll() {
	if len(c.settings) <= few {
		return
	}
	c.index = make(map[string]int32, cap(c.settings))
	for i, s := range c.settings {
		c.index[s.name] = int32(i)
	}
}

const (
	blanks  = " \t"
	badName = "found a character that no name has, want letters, digits, '_', '.', '-' and '/', and a letter or '_' first"
)

// badTypedByte is badNameByte for names with blanks inside.
func badTypedByte(name string) int {
	if strings.Trim(name, " ") != name {
		return 0
	}
	return badNameByte(strings.ReplaceAll(name, " ", "_"))
}

// badNameByte returns where name is not one that a person may type: such a name
// begins with a letter or '_', and letters, digits, '_', '.', '-' and '/' follow. It
// is -1 for a good one, and 0 for the empty name.
func badNameByte(name string) int {
	if name == "" {
		return 0
	}
	for i := range len(name) {
		c := name[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c != '.' && c != '-' && c != '/' && (c < '0' || '9' < c)) {
			return i
		}
	}
	return -1
}
