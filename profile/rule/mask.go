package rule

import (
	"slices"
	"strings"
	"unicode"

	"provsim/internal/nearest"
)

// Redact returns the text of a rule, or of DHCP option 66, for people: each
// character of what is, or may be, a key or a password is a '*'. The text need not
// parse.
func Redact(text string) string {
	// A plain server is by far the most frequent value.
	for i := range len(text) {
		if !plain(text[i]) {
			return mask(text)
		}
	}
	return text
}

// plain reports whether a byte is one of those that a plain server consists of.
func plain(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '.' || c == '/' || c == ':' || c == '_' || c == '$'
}

// mask returns a rule with every character of what may be a secret replaced by
// a '*'. It serves rules that do not parse, so it judges by looks, knows nothing
// of the parser, and hides too much rather than too little.
func mask(text string) string {
	r := []rune(text)
	masked := slices.Clone(r)
	maskOptions(masked, r)
	maskCredentials(masked, r)
	return string(masked)
}

// maskOptions hides all from where the first option seems to begin to where the
// target seems to, except for brackets, blanks and the names of options.
func maskOptions(masked, r []rune) {
	from, to := optionBounds(r)
	if from < 0 {
		return
	}
	to += untilTarget(r[to:])
	for i := from; i < to; i++ {
		if n := optionName(r[i:to]); n > 0 {
			i += n - 1
		} else if !strings.ContainsRune("[]()?!|"+blanks, r[i]) {
			masked[i] = '*'
		}
	}
}

// optionBounds returns where the first sign of an option stands, or -1, and the
// end of the last one. Signs are brackets other than an address's, quotation
// marks, and names of options.
func optionBounds(r []rune) (from, to int) {
	from = -1
	start := skip(r, 0, isBlankRune)
	for i := start; i < len(r); i++ {
		_, isQuote := closingQuote[r[i]]
		switch {
		case r[i] == '[' && looksLikeAddress(r[i+1:]):
			i += slices.Index(r[i:], ']')
			continue
		case r[i] == '[', i == start && isDash(r[i]), optionName(r[i:]) > 0:
			to = i
		case r[i] == ']', isQuote:
			to = i + 1
		default:
			continue
		}
		if from < 0 && r[i] == ']' {
			from = start // the opening one was forgotten
		} else if from < 0 {
			from = i
		}
	}
	return from, to
}

// untilTarget returns how many runes come before the first scheme, or without
// one before the last word that ends at a slash.
func untilTarget(r []rune) int {
	for i := range r {
		for _, scheme := range schemes {
			if hasPrefix(r[i:], scheme+"://") {
				return i
			}
		}
	}
	slash := slices.Index(r, '/')
	if slash < 0 {
		return len(r)
	}
	for slash > 0 && !isBlankRune(r[slash-1]) {
		slash--
	}
	return slash
}

// optionName returns the length of the option's name that r begins with, or 0.
// A name like none of the known ones may be a key that has lost its name. Some
// word processors make one dash of two hyphens.
func optionName(r []rune) int {
	const longest = 12 // runes, more than any name has
	r = r[:min(longest, len(r))]
	name := skip(r, 0, isDash)
	if name == 0 || name == 1 && r[0] == '-' {
		return 0
	}
	end := skip(r, name, unicode.IsLetter)
	if _, near := nearest.Name("--"+string(r[name:end]), parentOptions); !near {
		return 0
	}
	return end
}

// maskCredentials hides what stands between the first colon, other than the
// scheme's, and the last at sign; without such a colon, all that stands before
// an at sign of the authority.
func maskCredentials(masked, r []rune) {
	if colon := slices.Index(r, ':'); colon >= 0 && hasPrefix(r[colon:], "://") {
		after := colon + len("://")
		masked, r = masked[after:], r[after:]
	}
	at := len(r) - 1
	for at >= 0 && r[at] != '@' {
		at--
	}
	colon := slices.Index(r[:max(at, 0)], ':')
	if slash := slices.Index(r, '/'); colon < 0 && slash >= 0 && slash < slices.Index(r, '@') {
		return
	}
	for i := colon + 1; i < at; i++ {
		masked[i] = '*'
	}
}

// looksLikeAddress reports whether r, up to a closing bracket, could be an
// address, right or wrong.
func looksLikeAddress(r []rune) bool {
	const longest = 80 // characters, with a zone; not to look through a long rule again and again
	end := slices.Index(r[:min(longest, len(r))], ']')
	if end < 0 {
		return false
	}
	address, _, _ := strings.Cut(string(r[:end]), "%")
	return strings.Trim(address, "0123456789abcdefABCDEF:.") == "" &&
		(strings.Contains(address, ":") || strings.Count(address, ".") == 3)
}

func hasPrefix(r []rune, prefix string) bool {
	return len(r) >= len(prefix) && strings.EqualFold(string(r[:len(prefix)]), prefix)
}

func skip(r []rune, from int, in func(rune) bool) int {
	for from < len(r) && in(r[from]) {
		from++
	}
	return from
}

func isBlankRune(c rune) bool { return c == ' ' || c == '\t' }
func isDash(c rune) bool      { return unicode.Is(unicode.Pd, c) }
