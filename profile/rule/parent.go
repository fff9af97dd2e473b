package rule

import (
	"strings"
	"unicode/utf8"

	"provsim/macro"
)

// parentOptions are the options that the parent's rules know (FV-RULE-5). This
// device has the first one.
var parentOptions = []string{"--key", "--post", "--alias", "--uid", "--pwd"}

const (
	targetForm   = "a target such as http://server/path"
	parentsHint  = " the parent's syntax, which this device does not have"
	percentsHint = ", and a character of the path is written "
)

// parent refuses what may stand before a target only in the parent's rules
// (FV-RULE-5). Taken for a host or a path it would fail later, and without a
// word of why.
func (p *parser) parent(*Rule) error {
	rest := p.text[p.pos:]
	first, _ := utf8.DecodeRuneInString(rest)
	switch {
	case first == '(':
		hint := "a condition ( )? is" + parentsHint
		if end := indexOutside(rest, ')'); end >= 0 && strings.HasPrefix(rest[end:], ")!") {
			hint = "assignments ( )! are" + parentsHint
		}
		return p.fail(p.pos, p.pos+1, targetForm, hint)
	case isDash(first):
		return p.fail(p.pos, p.wordEnd(), targetForm, "options stand in brackets, [--key …]")
	}
	return nil
}

// signs refuses the parent's signs inside a target, and options after it.
func (p *parser) signs(*Rule) error {
	for i := p.pos; i < len(p.text); {
		if n := macro.Sipura.Span(p.text[i:]); n > 0 {
			i += n
			continue
		}
		switch rest := p.text[i:]; {
		case rest[0] == '|':
			return p.fail(i, i+1, "one target", "alternatives are"+parentsHint+percentsHint+"%7C")
		case rest[0] == '#':
			return p.fail(i, i+1, "no comment", "comments are"+parentsHint+percentsHint+"%23")
		case strings.HasPrefix(rest, "[--"):
			return p.fail(i, len(p.text), "one option in brackets at most", "it stands before the target")
		}
		i++
	}
	return nil
}
