// Package oneline makes texts from outside, such as a server's, safe for one line of a
// report, a cell of a table, or a page of Markdown.
package oneline

import (
	"strings"
	"unicode"
)

// Clean returns a text in one line of valid UTF-8: a space in place of each line
// break and tab, and U+FFFD in place of each other character that does not print,
// such as a control character.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// Cell returns a text as Clean does, fit for a cell of a CSV file: a spreadsheet takes
// one that begins with =, +, - or @ for a formula, so a quote goes before it.
func Cell(text string) string {
	text = Clean(text)
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// Markdown takes the meaning from what Markdown and the HTML in it would obey: a server's
// answer may be part of the text.
func Markdown(text string) string {
	var b strings.Builder
	for _, c := range text {
		if strings.ContainsRune("\\`*_{}[]<>()#|!~&", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
