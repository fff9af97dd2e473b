package profile

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// RuleError says where a rule is wrong, and what to do about it (FV-RULE-8).
// Nothing in it shows a key or a password.
type RuleError struct {
	// Text is the rule. Each character of what is, or may be, a secret is a '*'
	// if it is no blank and no bracket, so Column stays right.
	Text     string
	Column   int    // where in Text, in characters counted from 1
	Found    string // what stands there, quoted, or "the end"
	Expected string // what could have stood there
	Hint     string // what is probably meant, or why it is refused; may be empty
}

// Error returns one line with everything but the rule itself.
func (e *RuleError) Error() string {
	text := fmt.Sprintf("column %d: %s", e.Column, e.what())
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

func (e *RuleError) what() string {
	return fmt.Sprintf("found %s, want %s", e.Found, e.Expected)
}

// Caret returns the rule and, on a second line, a caret under the column. It is
// for terminals: a control character is shown as a space, which is as wide.
func (e *RuleError) Caret() string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, e.Text)
	return plain + "\n" + strings.Repeat(" ", e.Column-1) + "^"
}

// ruleError places a fault in a rule. The masked text has as many characters as
// the plain one, and what was found is quoted from the masked one.
func ruleError(plain, masked string, f fault) *RuleError {
	column := utf8.RuneCountInString(plain[:f.from])
	found := "the end"
	if rest := []rune(masked)[column:]; len(rest) > 0 {
		length := utf8.RuneCountInString(plain[f.from:f.to])
		found = quote(string(rest[:max(1, length)]))
	}
	return &RuleError{Text: masked, Column: column + 1, Found: found, Expected: f.want, Hint: f.hint}
}

// maxRule is how long a rule or an option 66 may be, in bytes: far longer than
// any setting of a phone is.
const maxRule = 4096

func checkLength(text string) error {
	if len(text) <= maxRule {
		return nil
	}
	from := maxRule
	for !utf8.RuneStart(text[from]) && from > 0 {
		from--
	}
	return ruleError(text, stars(text), fault{from, len(text), "a rule of at most 4096 bytes", ""})
}

// maxQuoted is how many characters of a text an error shows.
const maxQuoted = 40

// quote returns the text in quotes, in one line, its end cut off if it is long.
func quote(text string) string {
	n := 0
	for i := range text {
		if n == maxQuoted {
			return fmt.Sprintf("%q", text[:i]+"…")
		}
		n++
	}
	return fmt.Sprintf("%q", text)
}
