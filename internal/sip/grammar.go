package sip

import "strings"

const tokenBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"

// isToken reports whether a text is a token of RFC 3261 section 25.1.
func isToken(text string) bool { return text != "" && strings.Trim(text, tokenBytes) == "" }

// isControl finds what no field may hold (RFC 3261 section 25.1), a lone CR or
// LF above all, which would let a sender write lines of the answer.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// split cuts a field's value at each sep outside quotes and angle brackets, and
// the blanks off the parts, of which there is at least one. It reports false
// where a quote or a bracket does not end.
func split(value string, sep byte) ([]string, bool) {
	var parts []string
	quoted, bracketed, start := false, false, 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case quoted && c == '\\':
			i++ // what follows stands for itself
		case c == '"' && !bracketed:
			quoted = !quoted
		case quoted:
		case c == '<' || c == '>':
			bracketed = c == '<'
		case c == sep && !bracketed:
			parts = append(parts, strings.Trim(value[start:i], blanks))
			start = i + 1
		}
	}
	return append(parts, strings.Trim(value[start:], blanks)), !quoted && !bracketed
}

// param returns the value of a parameter such as reboot=true, and whether it is
// there.
func param(params []string, name string) (value string, found bool) {
	for _, p := range params {
		if strings.EqualFold(paramName(p), name) {
			_, value, _ = strings.Cut(p, "=")
			return strings.Trim(value, blanks), true
		}
	}
	return "", false
}

func paramName(param string) string {
	name, _, _ := strings.Cut(param, "=")
	return strings.Trim(name, blanks)
}
