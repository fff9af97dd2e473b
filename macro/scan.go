package macro

import "math"

// expression is one well-formed reference to a variable.
type expression struct {
	name        string
	from, count int // the bytes of the value that are wanted
	size        int // bytes of the text that it takes, all signs included
}

// cut returns the part of value that the expression asks for (FV-MAC-6).
func (e expression) cut(value string) string {
	value = value[min(e.from, len(value)):]
	return value[:min(e.count, len(value))]
}

// scan reads the expression at the start of text, which begins with the first byte
// of one. It reports false, with a size of 0, where text begins with no expression
// (FV-MAC-7).
func (s Syntax) scan(text string) (expression, bool) {
	before := 1 // the bytes before the name
	if s.Sigil != 0 {
		if len(text) < 2 || s.Open == 0 || text[1] != s.Open {
			name := s.leadingName(text[1:])
			if name == "" {
				return expression{}, false
			}
			return expression{name: name, count: math.MaxInt, size: 1 + len(name)}, true
		}
		before = 2
	}
	e := expression{name: s.leadingName(text[before:]), count: math.MaxInt}
	rest := text[before+len(e.name):]
	ok := e.name != ""
	if ok && s.startsPart(rest) {
		e.from, rest, ok = number(rest[1:])
	}
	if ok && s.startsPart(rest) {
		e.count, rest, ok = number(rest[1:])
	}
	if !ok || rest == "" || rest[0] != s.Close {
		return expression{}, false
	}
	e.size = len(text) - len(rest) + 1
	return e, true
}

func (s Syntax) startsPart(rest string) bool {
	return s.Part != 0 && rest != "" && rest[0] == s.Part
}

// leadingName returns the longest run of ASCII letters and digits, and of '_' where
// names have it, at the start of text (FV-MAC-2).
func (s Syntax) leadingName(text string) string {
	n := 0
	for n < len(text) && (isAlphanumeric(text[n]) || s.Underscore && text[n] == '_') {
		n++
	}
	return text[:n]
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// number reads the digits at the start of text, at least one. A number too
// large for an int counts as the largest one, which is past the end of every
// value too (FV-MAC-6).
func number(text string) (n int, rest string, ok bool) {
	i := 0
	for ; i < len(text) && '0' <= text[i] && text[i] <= '9'; i++ {
		digit := int(text[i] - '0')
		if n > (math.MaxInt-digit)/10 {
			n = math.MaxInt
			continue
		}
		n = n*10 + digit
	}
	return n, text[i:], i > 0
}
