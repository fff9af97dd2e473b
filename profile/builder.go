package profile

import (
	"errors"
	"slices"
)

// ErrEmpty says that a file holds only blanks: the failure empty.
var ErrEmpty = errors.New("the file is empty")

// ErrCorrupt says that a file is not of the form that the phone reads: the
// failure corrupt. [Corrupt] makes one that says what was found.
var ErrCorrupt = errors.New("the file is no configuration")

// Corrupt returns an error that says what was found and wanted, and that is
// [ErrCorrupt] for errors.Is. The text shows nothing of the file.
func Corrupt(text string) error { return corrupt{text, 0} }

// CorruptAt is [Corrupt] for what was found in a line, which [CorruptLine] returns.
func CorruptAt(line int, text string) error { return corrupt{text, line} }

// CorruptLine returns the line of an error of [CorruptAt]; 0 where the error is another
// one.
func CorruptLine(err error) int {
	var c corrupt
	errors.As(err, &c)
	return c.line
}

type corrupt struct {
	text string
	line int
}

func (c corrupt) Error() string        { return c.text }
func (c corrupt) Is(target error) bool { return target == ErrCorrupt }

// Builder makes a [Config] of what a parser reads. The zero Builder is empty.
type Builder struct {
	// FirstWins says which of two settings with equal names counts: the first.
	// Otherwise the last one counts, at the place of the first (FV-CFG-1).
	FirstWins bool

	made *content
}

// Grow makes room for n settings.
func (b *Builder) Grow(n int) {
	b.content().settings = slices.Grow(b.content().settings, n)
}

// Set adds a setting that was read from a line, counted from 1, or 0.
func (b *Builder) Set(name, value string, line int) {
	c := b.content()
	i := c.find(name)
	switch {
	case i < 0:
		c.add(setting{name, value, int32(line)})
	case !b.FirstWins:
		c.settings[i] = setting{name, value, int32(line)}
	}
}

// Skip notes a bad line, which the device leaves out.
func (b *Builder) Skip(bad BadLine) {
	c := b.content()
	c.bad = append(c.bad, bad)
}

// Len returns the number of settings so far.
func (b *Builder) Len() int { return len(b.content().settings) }

// Bad returns the bad lines so far.
func (b *Builder) Bad() []BadLine { return b.content().bad }

// Config returns what was read, and empties the Builder.
func (b *Builder) Config() Config {
	c := b.made
	b.made = nil
	return Config{c}
}

func (b *Builder) content() *content {
	if b.made == nil {
		b.made = &content{}
	}
	return b.made
}

func (c *content) add(s setting) {
	c.settings = append(c.settings, s)
	if c.index == nil {
		c.indexAll()
		return
	}
	c.index[s.name] = int32(len(c.settings) - 1)
}
