package avaya

import (
	"fmt"
	"strings"

	"provsim/profile"
	"provsim/profile/lines"
)

// kind is what a statement does.
type kind uint8

// The statements (AV-LANG-2 to AV-LANG-7).
const (
	set kind = iota
	tag
	goTo
	test
	get
)

// statement is one line of a file.
type statement struct {
	kind
	line  int
	name  string // SET: the setting; IF: what is tested; GET: the file
	value string // SET: its value; IF: what it is compared with
	tag   string // of a tag, GOTO and IF
	left  bool   // IF: the value stands before SEQ
}

// script is a file: upgrade, settings and phones' own files are one language.
type script struct {
	statements []statement
	bad        []profile.BadLine
}

const (
	longestName  = 30
	longestValue = 255
	mostBad      = 1000
)

// parse reads a file, a statement a line (AV-LANG-1). It is never an error: other lines
// are ignored, and are in bad (AV-LANG-8).
func parse(body []byte) *script {
	s := &script{}
	row, rest := "", string(body)
	for n := 1; rest != ""; n++ {
		row, rest = lines.Cut(rest)
		text := strings.TrimSpace(row)
		if text == "" {
			continue
		}
		st, why := read(row, text)
		st.line = n
		switch {
		case why == "":
			s.statements = append(s.statements, st)
		case why != comment && len(s.bad) < mostBad:
			s.bad = append(s.bad, profile.BadLine{Line: n, Column: 1, Why: why})
		}
	}
	return s
}

// comment is why a line is ignored that is meant to be.
const comment = "a comment"

// read reads one line; row has its blanks still. Why says what is wrong with a line that
// is no statement.
func read(row, text string) (st statement, why string) {
	if text[0] == '#' {
		name, ok := strings.CutPrefix(strings.TrimRight(row, " \t\r"), "# ") // AV-LANG-3
		if !ok || name == "" || strings.ContainsAny(name, " \t#") {
			return st, comment
		}
		return statement{kind: tag, tag: name}, ""
	}
	word, rest := cutWord(text)
	switch strings.ToUpper(word) {
	case "SET":
		name, value := cutWord(rest)
		return readSet(strings.ToUpper(name), value)
	case "GOTO":
		if name, more := cutWord(rest); name != "" && more == "" {
			return statement{kind: goTo, tag: name}, ""
		}
		return st, "want GOTO and one tag"
	case "GET":
		if name, more := cutWord(rest); name != "" && more == "" {
			return statement{kind: get, name: name}, ""
		}
		return st, "want GET and the name of one file"
	case "IF":
		return readIf(strings.Fields(rest))
	}
	return st, "found no SET, IF, GOTO, GET or tag"
}

func cutWord(text string) (word, rest string) {
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i], strings.TrimSpace(text[i:])
	}
	return text, ""
}

// readSet reads a name and a value, which may be in double quotes (AV-LANG-2).
func readSet(name, value string) (st statement, why string) {
	if value != "" && value[0] == '"' {
		end := strings.IndexByte(value[1:], '"')
		if end < 0 {
			return st, "the value has no second quotation mark"
		}
		value = value[1 : end+1]
	} else if value == "" {
		return st, "want SET, a name and a value; an empty value is \"\""
	}
	odd := func(r rune) bool { return !(r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_') }
	switch {
	case len(name) > longestName || strings.ContainsFunc(name, odd):
		return st, fmt.Sprintf("want a name of at most %d letters, digits and _", longestName)
	case len(value) > longestValue:
		return st, fmt.Sprintf("the value has %d bytes, want at most %d", len(value), longestValue)
	case profile.IndexControl(value) >= 0:
		return st, "the value has a control character"
	}
	return statement{kind: set, name: name, value: value}, ""
}

// readIf reads $NAME SEQ text GOTO TAG, or with its operands the other way round
// (AV-LANG-5).
func readIf(words []string) (st statement, why string) {
	if len(words) != 5 || !strings.EqualFold(words[1], "SEQ") || !strings.EqualFold(words[3], "GOTO") {
		return st, "want IF $NAME SEQ text GOTO TAG"
	}
	name, value, left := words[0], words[2], false
	if !strings.HasPrefix(name, "$") {
		name, value, left = value, name, true
	}
	if !strings.HasPrefix(name, "$") {
		return st, "want a $NAME beside SEQ"
	}
	return statement{kind: test, name: strings.ToUpper(name[1:]), value: value, tag: words[4], left: left}, ""
}

// host is what a script acts on.
type host interface {
	// set takes a setting.
	set(statement)
	// lookup returns what IF tests; false where the line is to be ignored.
	lookup(statement) (value string, ok bool)
	// get obtains a file; nil: it was not obtained. It reports false where the answer is
	// not there yet.
	get(name string) (*script, bool)
}

// run carries a script out, and reports false where a file has to come first. A jump
// goes to a tag below, so nothing loops (AV-LANG-4); a file that was obtained takes the
// place of what follows (AV-LANG-7).
func (s *script) run(h host, equal func(a, b string) bool) bool {
	for i := 0; i < len(s.statements); i++ {
		st := &s.statements[i]
		jump := st.kind == goTo
		switch st.kind {
		case set:
			h.set(*st)
		case test:
			value, ok := h.lookup(*st)
			jump = ok && equal(value, st.value)
		case get:
			next, ok := h.get(st.name)
			if !ok {
				return false
			}
			if next != nil {
				return next.run(h, equal)
			}
		}
		if jump {
			if i = s.below(i, st.tag); i < 0 {
				return true
			}
		}
	}
	return true
}

// below returns where a tag stands below a statement, or -1.
func (s *script) below(i int, name string) int {
	for i++; i < len(s.statements); i++ {
		if s.statements[i].kind == tag && s.statements[i].tag == name {
			return i
		}
	}
	return -1
}
