package macro

import "strings"

// Expand returns text with its variables replaced by their values.
func Expand(text string, vars Vars, s Syntax) string {
	if s.first() == 0 || strings.IndexByte(text, s.first()) < 0 {
		return text
	}
	var room [128]byte // most rules fit, and then only the result is allocated
	return string(Append(room[:0], text, vars, s))
}

// Append appends to dst what [Expand] returns. It does not allocate where dst
// has the capacity.
func Append(dst []byte, text string, vars Vars, s Syntax) []byte {
	for text != "" {
		p, value, rest := s.next(text, vars)
		dst = append(dst, p.literal...)
		dst = append(dst, p.cut(value)...)
		text = rest
	}
	return dst
}

// piece is some text to be copied, and the variable after it, if any.
type piece struct {
	literal string
	expression
}

// next takes the first piece off text, with the value of its variable.
func (s Syntax) next(text string, vars Vars) (p piece, value, rest string) {
	at := -1
	if s.first() != 0 {
		at = strings.IndexByte(text, s.first())
	}
	if at < 0 {
		return piece{literal: text}, "", ""
	}
	doubled := s.Sigil != 0 && at+1 < len(text) && text[at+1] == s.Sigil
	from := at // where an expression may begin
	switch {
	case doubled && !s.Rescan:
		return piece{literal: text[:at+1]}, "", text[at+2:]
	case doubled:
		from++
	}
	if e, ok := s.scan(text[from:]); ok {
		if value, known := vars.Lookup(e.name); known {
			return piece{text[:from], e}, value, text[from+e.size:]
		}
	}
	// Only the sigil stays as written here; what follows it is looked at like any
	// other text, so $STRANGE$MAU still finds $MAU.
	return piece{literal: text[:at+1]}, "", text[from+1:]
}
