// Package lines reads configuration files whose lines are settings, such as
// NAME=value. A [Grammar] says how a vendor writes them. [Grammar.Parse] reads a
// whole file as a phone does, [Grammar.Line] one line, for those who check files.
//
// Bytes of a file appear in no error.
package lines

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"provsim/profile"
)

// Grammar is how a vendor writes the lines of a file.
type Grammar struct {
	Separator byte   // stands between name and value
	Comments  string // a line that begins with one of these bytes is a comment
	Names     string // what a name may hold beside letters, digits and '_'; letters and '_' begin one
	Trim      bool   // blanks before a value are not part of it
	FirstWins bool   // the first of equal names counts, not the last

	// First is what the first line begins with, such as "#!version:"; "" where a
	// file needs no such line. It is not a comment and not a setting.
	First string
	// Include begins a line that names another file, such as "include:config"; ""
	// where there is no such line. What follows it is the line's value.
	Include string
	// Form is how a line looks to people, such as "NAME=value".
	Form string
}

// Kind says what a line is.
type Kind uint8

// The kinds of line.
const (
	Blank   Kind = iota // blank, a comment, or the first line of the grammar
	Setting             // a name and its value
	Include             // the name of another file, as Value
	Bad                 // none of these
)

// Line is one line, taken apart.
type Line struct {
	Kind        Kind
	Name, Value string
	NameAt      int    // offset of the name in the line
	ValueAt     int    // offset of the value
	BadAt       int    // offset of what makes it a bad line
	Why         string // what was found there and what is wanted
}

const (
	blanks     = " \t"
	mark       = "\ufeff" // a byte order mark is skipped (FV-CFG-1)
	badCR      = "found a carriage return inside the line, want lines that end in LF or CRLF"
	badControl = "found a control character, want text and TABs only"
	mostLines  = 1 << 10 // room for more lines is made when they come
)

// Parse reads a file. A file without a setting gives [profile.ErrEmpty] or
// [profile.ErrCorrupt], with what was found instead. Bad lines between good ones
// are kept aside for [profile.Config.Bad]. A line that names
// another file is no setting; [Grammar.Line] reads it.
//
// The Config holds one copy of body and nothing of body itself.
func (g *Grammar) Parse(body []byte) (profile.Config, error) {
	if what := profile.UTF16(body); what != "" {
		return profile.Config{}, g.corrupt(what)
	}
	b := profile.Builder{FirstWins: g.FirstWins}
	b.Grow(min(1+bytes.Count(body, []byte("\n")), mostLines))
	text := strings.TrimPrefix(string(body), mark)
	if g.First != "" && !strings.HasPrefix(text, g.First) && strings.Trim(text, blanks+"\r\n") != "" {
		return profile.Config{}, g.corrupt(g.describe(body, nil))
	}
	included := false
	for number := 1; text != ""; number++ {
		row, rest := Cut(text)
		switch l := g.Line(row); l.Kind {
		case Setting:
			b.Set(l.Name, l.Value, number)
		case Include:
			included = true
		case Bad:
			b.Skip(profile.BadLine{Line: number, Column: utf8.RuneCountInString(row[:l.BadAt]) + 1, Why: l.Why})
		}
		text = rest
	}
	switch {
	case b.Len() > 0 || included:
		return b.Config(), nil
	case len(bytes.Trim(body, mark+"\r\n"+blanks)) == 0:
		return profile.Config{}, profile.ErrEmpty
	}
	return profile.Config{}, g.corrupt(g.describe(body, b.Bad()))
}

// Cut returns the first line of text, without the LF or CRLF that ends it, and
// what follows.
func Cut(text string) (row, rest string) {
	row, rest, ended := strings.Cut(text, "\n")
	if ended {
		row = strings.TrimSuffix(row, "\r")
	}
	return row, rest
}

// Line reads one line, which has no line end.
func (g *Grammar) Line(row string) Line {
	text := TrimEnd(row)
	start := 0
	for start < len(text) && isBlank(text[start]) {
		start++
	}
	rest := text[start:]
	if rest == "" || strings.IndexByte(g.Comments, rest[0]) >= 0 || g.First != "" && strings.HasPrefix(rest, g.First) {
		return Line{}
	}
	if at := badControlByte(row); at >= 0 {
		why := badControl
		if row[at] == '\r' {
			why = badCR
		}
		return Line{Kind: Bad, BadAt: at, Why: why}
	}
	if file, ok := strings.CutPrefix(rest, g.Include); ok && g.Include != "" {
		file = strings.TrimLeft(file, blanks)
		return Line{Kind: Include, Value: file, NameAt: start, ValueAt: len(text) - len(file)}
	}
	return g.setting(text, start)
}

// setting reads a line whose name begins at start.
func (g *Grammar) setting(text string, start int) Line {
	equals := strings.IndexByte(text[start:], g.Separator)
	if equals < 0 {
		return Line{Kind: Bad, BadAt: len(text), Why: "found no " + g.separator() + ", want " + g.Form}
	}
	name, value := TrimEnd(text[start:start+equals]), text[start+equals+1:]
	if name == "" {
		return Line{Kind: Bad, BadAt: start, Why: "found no name before " + g.separator() + ", want " + g.Form}
	}
	if at := g.badNameByte(name); at >= 0 {
		return Line{Kind: Bad, BadAt: start + at, Why: g.badName()}
	}
	if g.Trim {
		value = strings.TrimLeft(value, blanks)
	}
	return Line{Kind: Setting, Name: name, Value: value, NameAt: start, ValueAt: len(text) - len(value)}
}

// separator returns the separator in quotation marks. A hostile file may be half a
// million bad lines, so this does not go through fmt.
func (g *Grammar) separator() string { return `"` + string(rune(g.Separator)) + `"` }

// badNameByte returns the index of the first byte that no name may have, or -1.
func (g *Grammar) badNameByte(name string) int {
	for i := range len(name) {
		c := name[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || (c < '0' || '9' < c) && strings.IndexByte(g.Names, c) < 0) {
			return i
		}
	}
	return -1
}

func (g *Grammar) badName() string {
	allowed := []string{"letters", "digits", "'_'"}
	for _, c := range g.Names {
		allowed = append(allowed, fmt.Sprintf("%q", c))
	}
	last := len(allowed) - 1
	return "found a character that no name has, want " + strings.Join(allowed[:last], ", ") + " and " + allowed[last] +
		", and a letter or '_' first"
}

// badControlByte returns where a line has its first control character other than
// a tab (FV-CFG-1), or -1. It is written out because it looks at every byte of a
// file.
func badControlByte(row string) int {
	for i := range len(row) {
		if c := row[i]; c < ' ' && c != '\t' || c == 0x7f {
			return i
		}
	}
	return -1
}

// TrimEnd cuts the blanks at the end of text.
func TrimEnd(text string) string {
	end := len(text)
	for end > 0 && isBlank(text[end-1]) {
		end--
	}
	return text[:end]
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
