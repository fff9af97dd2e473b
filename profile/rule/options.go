package rule

import (
	"net/netip"
	"slices"
	"strings"

	"provsim/internal/nearest"
	"provsim/macro"
)

// closingQuote holds the quotation marks that a key may have. Typographic
// ones come from the vendor's document and from word processors, some of which
// set the closing mark on both sides.
var closingQuote = map[rune]rune{'\'': '\'', '"': '"', '‘': '’', '“': '”', '’': '’', '”': '”'}

func (p *parser) options(r *Rule) error {
	if p.peek() != '[' || bracketsHost(p.text[p.pos:]) {
		return nil
	}
	if p.noOptions != "" {
		return p.fail(p.pos, p.pos+1, targetForm, p.noOptions)
	}
	p.pos++
	p.skipBlanks()
	if err := p.optionName(); err != nil {
		return err
	}
	from := p.pos
	key, err := p.key()
	if err != nil {
		return err
	}
	if key == "" {
		return p.fail(from, from, "a key after --key", "without encryption the brackets are left out")
	}
	p.skipBlanks()
	if p.peek() != ']' {
		return p.fail(p.pos, p.wordEnd(), "']' after the key", "a key with blanks or brackets stands in quotation marks, and --key is the only option")
	}
	p.pos++
	p.skipBlanks()
	r.Keyed, r.Key = true, key
	return nil
}

// optionName reads "--key" and the blanks after it.
func (p *parser) optionName() error {
	name := p.text[p.pos:p.wordEnd()]
	switch {
	case slices.Contains(parentOptions[1:], name):
		return p.fail(p.pos, p.pos+len(name), "--key", name+" is the parent's option, which this device does not have")
	case !strings.HasPrefix(name, "--key"):
		hint := "an IPv6 address in brackets has colons, options begin with --"
		if near, ok := nearest.Name(strings.TrimLeft(name, "-–—"), []string{"key"}); ok {
			hint = "--" + near + " is probably meant, with two hyphens"
		}
		return p.fail(p.pos, p.pos+len(name), "--key", hint)
	}
	p.pos += len("--key")
	from := p.pos
	if p.skipBlanks(); p.pos == from {
		return p.fail(p.pos, p.wordEnd(), "a blank and a key after --key", "")
	}
	return nil
}

// key reads a word or a quoted text; "" means that there is no key.
func (p *parser) key() (string, error) {
	rest := p.text[p.pos:]
	for opener, closer := range closingQuote {
		quoted, ok := strings.CutPrefix(rest, string(opener))
		if !ok {
			continue
		}
		key, _, ok := strings.Cut(quoted, string(closer))
		if !ok {
			return "", p.fail(len(p.text), len(p.text), "a closing "+string(closer), "")
		}
		p.pos += len(string(opener)) + len(key) + len(string(closer))
		return key, nil
	}
	if strings.HasPrefix(rest, "--") {
		return "", nil
	}
	key := p.text[p.pos:p.wordEnd()]
	p.pos += len(key)
	return key, nil
}

// bracketsHost reports whether text, which begins with a bracket, begins with an
// IPv6 host and not with options.
func bracketsHost(text string) bool {
	inside, _, closed := strings.Cut(text[1:], "]")
	_, err := netip.ParseAddr(inside)
	isMacro := inside != "" && macro.Sipura.Span(inside) == len(inside)
	return closed && (isMacro || err == nil)
}
