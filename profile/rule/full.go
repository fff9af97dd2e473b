package rule

import (
	"slices"
	"strings"

	"provsim/internal/nearest"
)

// Full is a rule in the whole grammar of Cisco SPA phones (SPA-RULE-1): several
// alternatives, of which the first whose condition holds is taken. Its macros are
// expanded before it is parsed (SPA-RULE-2).
type Full []Alternative

// Alternative is one part of a [Full] between bars.
type Alternative struct {
	Condition   Condition // empty: it always holds
	Assignments []Assignment
	Options     []Option
	// Target is where to fetch; the zero Rule where the alternative fetches nothing.
	Target Rule
}

// Assignment sets a parameter before the fetch (SPA-RULE-4).
type Assignment struct {
	Name  string // as it is written; a to p stand for GPP_A to GPP_P
	Value string
}

// Option is one of those in brackets (SPA-RULE-6).
type Option struct {
	Name  string // "key", "post", "alias", "uid", "pwd", or "delta", which has no value
	Value string // a secret, for key and pwd
}

// Option returns the value of an option, and false where the alternative does not
// have it.
func (a *Alternative) Option(name string) (string, bool) {
	for _, o := range a.Options {
		if o.Name == name {
			return o.Value, true
		}
	}
	return "", false
}

// Take returns the number of the first alternative whose condition holds, or -1
// (SPA-RULE-3).
func (f Full) Take() int {
	return slices.IndexFunc(f, func(a Alternative) bool { return a.Condition.Holds() })
}

// ParseFull reads a rule whose macros are expanded. Software is the version that a
// comparison without a left operand compares with. A blank text and one that
// begins with '#' give no alternatives. Any error is an [*Error], and is given for
// every alternative, also for those that are not taken.
func ParseFull(text, software string) (Full, error) {
	p := &fullParser{parser{text: strings.TrimRight(text, blanks)}, software}
	p.skipBlanks()
	if p.pos == len(p.text) || p.peek() == '#' {
		return nil, nil
	}
	if err := checkLength(p.text); err != nil {
		return nil, err
	}
	if err := p.controls(nil); err != nil {
		return nil, err
	}
	var full Full
	for {
		a, err := p.alternative()
		if err != nil {
			return nil, err
		}
		full = append(full, a)
		if p.peek() != '|' {
			return full, nil
		}
		p.pos++
	}
}

// ParseCondition reads a condition that stands by itself, as in Resync_Trigger_1
// (SPA-RULE-7). A blank text gives the condition of no comparisons.
func ParseCondition(text, software string) (Condition, error) {
	p := &fullParser{parser{text: text}, software}
	if strings.Trim(text, blanks) == "" {
		return nil, nil
	}
	return p.condition(len(text))
}

type fullParser struct {
	parser
	software string
}

func (p *fullParser) alternative() (a Alternative, err error) {
	p.skipBlanks()
	for p.peek() == '(' {
		end := p.closing()
		if end < 0 {
			return a, p.fail(len(p.text), len(p.text), "')' and '?' after a condition, or ')' and '!' after assignments", "")
		}
		p.pos++
		switch sign := p.text[end+1:]; {
		case strings.HasPrefix(sign, "?") && a.Condition == nil && a.Assignments == nil:
			a.Condition, err = p.condition(end)
		case strings.HasPrefix(sign, "!") && a.Assignments == nil:
			a.Assignments, err = p.assignments(end)
		default:
			err = p.fail(end+1, min(end+2, len(p.text)), "'?' after a condition, or '!' after assignments", "each stands once, the condition first")
		}
		if err != nil {
			return a, err
		}
		p.pos = end + 2
		p.skipBlanks()
	}
	if p.peek() == '[' && !bracketsHost(p.text[p.pos:]) {
		if a.Options, err = p.bracket(); err != nil {
			return a, err
		}
		p.skipBlanks()
	}
	return a, p.target(&a)
}

// closing returns where the parenthesis at pos is closed, or -1. Those in
// quotation marks do not count.
func (p *fullParser) closing() int {
	depth, quoted := 0, false
	for i := p.pos; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// assignments reads NAME = "text" ; up to end.
func (p *fullParser) assignments(end int) ([]Assignment, error) {
	list := []Assignment{}
	for p.skipBlanks(); p.pos < end; p.skipBlanks() {
		from := p.pos
		for p.pos < end && isNameByte(p.text[p.pos]) {
			p.pos++
		}
		name := p.text[from:p.pos]
		p.skipBlanks()
		if name == "" || p.peek() != '=' {
			return nil, p.fail(p.pos, p.pos+1, `a parameter, '=' and a text in quotation marks`, "")
		}
		p.pos++
		p.skipBlanks()
		value, ok := p.quoted()
		if !ok {
			return nil, p.fail(p.pos, p.pos+1, "a text in quotation marks", "")
		}
		if len(name) == 1 && 'a' <= name[0] && name[0] <= 'p' {
			name = "GPP_" + strings.ToUpper(name)
		}
		list = append(list, Assignment{name, value})
		if p.skipBlanks(); p.peek() == ';' {
			p.pos++
		}
	}
	return list, nil
}

// quoted reads a text in quotation marks.
func (p *fullParser) quoted() (string, bool) {
	rest, ok := strings.CutPrefix(p.text[p.pos:], `"`)
	if !ok {
		return "", false
	}
	text, _, ok := strings.Cut(rest, `"`)
	if ok {
		p.pos += len(text) + 2
	}
	return text, ok
}

// bracket reads the options and the bracket after them, which may touch the URL.
func (p *fullParser) bracket() ([]Option, error) {
	p.pos++
	var list []Option
	for {
		p.skipBlanks()
		if p.peek() == ']' {
			p.pos++
			return list, nil
		}
		word := p.text[p.pos:p.wordEnd()]
		if word == "--delta" { // of a Report Rule (SPA-REP-1)
			p.pos += len(word)
			list = append(list, Option{Name: "delta"})
			continue
		}
		if !slices.Contains(parentOptions, word) {
			hint := "the options are " + strings.Join(parentOptions, ", ")
			if near, ok := nearest.Name(word, parentOptions); ok {
				hint = near + " is probably meant"
			}
			return nil, p.fail(p.pos, p.pos+len(word), "an option or ']'", hint)
		}
		p.pos += len(word)
		from := p.pos
		p.skipBlanks()
		value, err := p.key()
		if err != nil {
			return nil, err
		}
		if value == "" || p.pos == from {
			return nil, p.fail(p.pos, p.pos, "a blank and a value after "+word, "")
		}
		name := strings.TrimPrefix(word, "--")
		if letter := value[0] | 0x20; (name == "post" || name == "alias") && (len(value) != 1 || letter < 'a' || 'p' < letter) {
			return nil, p.fail(p.pos-len(value), p.pos, "a letter from a to p after "+word, "it names one of GPP_A to GPP_P")
		}
		list = append(list, Option{name, value})
	}
}

// target reads what follows up to a bar or the end. It may be missing.
func (p *fullParser) target(a *Alternative) error {
	end := len(p.text)
	if bar := strings.IndexByte(p.text[p.pos:], '|'); bar >= 0 {
		end = p.pos + bar
	}
	text := strings.TrimRight(p.text[p.pos:end], blanks)
	if text == "" {
		p.pos = end
		return nil
	}
	one := parser{text: p.text[:p.pos+len(text)], pos: p.pos, whole: p.text}
	for _, production := range []func(*Rule) error{one.signOfNone, one.scheme, one.authority, one.path} {
		if err := production(&a.Target); err != nil {
			return err
		}
	}
	if a.Target.User != "" {
		return p.fail(p.pos, p.pos+len(text), "a server without user and password", "they stand in brackets, [--uid … --pwd …]")
	}
	p.pos = end
	return nil
}

// signOfNone refuses what begins none of the parts of a rule.
func (p *parser) signOfNone(*Rule) error {
	if c := p.peek(); c == ')' || c == ']' || c == '?' || c == '!' {
		return p.fail(p.pos, p.pos+1, targetForm, "a condition stands in ( )?, assignments in ( )!, options in [ ]")
	}
	return nil
}

func isNameByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}
