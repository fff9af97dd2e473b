package rule

import (
	"cmp"
	"slices"
	"strings"

	"provsim/internal/nearest"
	"provsim/profile"
)

var schemes = []string{"http", "https", "tftp"}

// parser reads one rule from left to right, production by production of
// grammar.txt.
type parser struct {
	text      string
	pos       int
	noOptions string // why options are refused, or "" where they are not
	noPath    bool   // the path may be missing, or "/" for every scheme
	whole     string // what errors show, where text is only the begin of it
}

func (p *parser) rule() (Rule, error) {
	p.text = strings.TrimRight(p.text, blanks)
	p.skipBlanks()
	var r Rule
	if p.pos == len(p.text) {
		return r, nil
	}
	for _, production := range []func(*Rule) error{
		p.length, p.controls, p.parent, p.options, p.parent, p.signs, p.scheme, p.authority, p.path,
	} {
		if err := production(&r); err != nil {
			return Rule{}, err
		}
	}
	return r, nil
}

// length refuses what is too long to be a rule, before anything looks through it
// more than once.
func (p *parser) length(*Rule) error { return checkLength(p.text) }

// controls refuses control characters, wherever they are.
func (p *parser) controls(*Rule) error {
	if at := profile.IndexControl(p.text); at >= 0 {
		return p.fail(at, at+1, "no control characters", "")
	}
	return nil
}

func (p *parser) scheme(r *Rule) error {
	word, _, ok := strings.Cut(p.text[p.pos:], "/")
	after := p.pos + len(word) + 1
	if !ok || !strings.HasSuffix(word, ":") || after == len(p.text) || p.text[after] != '/' {
		return nil
	}
	word = word[:len(word)-1]
	name := strings.ToLower(word)
	if !slices.Contains(schemes, name) {
		hint := ""
		if near, ok := nearest.Name(word, schemes); ok {
			hint = near + " is probably meant"
		}
		return p.fail(p.pos, p.pos+len(word), "one of http, https and tftp before ://", hint)
	}
	r.Scheme = name
	p.pos = after + 1
	return nil
}

// authority reads all that stands before the path.
func (p *parser) authority(r *Rule) error {
	end := len(p.text)
	if slash := strings.IndexByte(p.text[p.pos:], '/'); slash >= 0 {
		end = p.pos + slash
	}
	text := p.text[p.pos:end]
	if text == "" {
		return nil
	}
	if query := strings.IndexByte(text, '?'); query >= 0 && !strings.Contains(text, "@") {
		return p.fail(p.pos+query, end, "'/' and a path before a query", "")
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		if err := p.credentials(r, text[:at]); err != nil {
			return err
		}
		p.pos++
	}
	var f *fault
	if r.Host, r.Port, f = splitHostPort(p.text[p.pos:end]); f != nil {
		if f.hint == "" && strings.Contains(p.text[end:], "@") {
			f.hint = "a '/' of a password is written %2F"
		}
		return p.failAt(p.pos, *f)
	}
	p.pos = end
	return nil
}

// credentials reads user:password, which is all of text.
func (p *parser) credentials(r *Rule, text string) error {
	colon := indexOutside(text, ':')
	switch {
	case colon < 0:
		return p.fail(p.pos+len(text), p.pos+len(text)+1, "':' and a password after the user", "an '@' of the path stands after its '/'")
	case colon == 0:
		return p.fail(p.pos, p.pos+1, "a user before ':'", "")
	}
	for _, c := range []byte(blanks) {
		if at := strings.IndexByte(text, c); at >= 0 {
			return p.fail(p.pos+at, p.pos+at+1, "no blank in user and password", "write it %20")
		}
	}
	if f := escapeFault(text); f != nil {
		return p.failAt(p.pos, *f)
	}
	r.User, r.Password = text[:colon], text[colon+1:]
	p.pos += len(text)
	return nil
}

func (p *parser) path(r *Rule) error {
	r.Path = p.text[p.pos:]
	if p.noPath && (r.Path == "" || r.Path == "/") {
		return nil
	}
	if r.Path == "" {
		hint := ""
		if r.Scheme == "" {
			hint = "without a server the rule is '/' and the file's name"
		}
		return p.fail(p.pos, p.pos, "'/' and a path", hint)
	}
	if f := pathFault(r.Path, r.Scheme); f != nil {
		return p.failAt(p.pos, *f)
	}
	return nil
}

func (p *parser) fail(from, to int, want, hint string) error {
	return p.failAt(0, fault{from, to, want, hint})
}

func (p *parser) failAt(offset int, f fault) error {
	text := cmp.Or(p.whole, p.text)
	return ruleError(text, mask(text), f.shift(offset))
}

// peek returns the next byte, or 0 at the end; 0 itself is refused before.
func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *parser) skipBlanks() {
	p.pos = len(p.text) - len(strings.TrimLeft(p.text[p.pos:], blanks))
}

// wordEnd returns where the word at pos ends: before a blank or a bracket.
func (p *parser) wordEnd() int {
	if n := strings.IndexAny(p.text[p.pos:], blanks+"]"); n >= 0 {
		return p.pos + n
	}
	return len(p.text)
}
