package rule

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"provsim/profile"
)

// Error says where a rule is wrong, and what to do about it (FV-RULE-8).
// Nothing in it shows a key or a password.
type Error struct {
	// Text is the rule. Each character of what is, or may be, a secret is a '*'
	// if it is no blank and no bracket, so Column stays right.
	Text     string
	Column   int    // where in Text, in characters counted from 1
	Found    string // what stands there, quoted, or "the end"
	Expected string // what could have stood there
	Hint     string // what is probably meant, or why it is refused; may be empty
}

// Error returns one line with everything but the rule itself.
func (e *Error) Error() string {
	text := fmt.Sprintf("column %d: %s", e.Column, e.What())
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// What returns the text found and the text expected, without the place and the hint.
func (e *Error) What() string {
	return fmt.Sprintf("found %s, want %s", e.Found, e.Expected)
}

// caretBefore and caretAfter are how many characters Caret shows of a long rule
// before the column and after it.
const caretBefore, caretAfter = 60, 40

// Caret returns the rule and, on a second line, a caret under the column. It is
// for terminals: a control character is shown as a space, which is as wide, and a
// long rule is cut around the column.
func (e *Error) Caret() string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, e.Text)
	shown, column := []rune(plain), e.Column-1
	if len(shown) > caretBefore+caretAfter {
		if end := column + caretAfter; end < len(shown) {
			shown = append(shown[:end:end], '…')
		}
		if begin := column - caretBefore; begin > 0 {
			shown, column = append([]rune{'…'}, shown[begin:]...), caretBefore+1
		}
	}
	return string(shown) + "\n" + strings.Repeat(" ", column) + "^"
}

// ruleError places a fault in a rule. The masked text has as many characters as
// the plain one, and what was found is quoted from the masked one.
func ruleError(plain, masked string, f fault) *Error {
	f.from = min(f.from, len(plain))
	f.to = min(f.to, len(plain))
	column := utf8.RuneCountInString(plain[:f.from])
	found := "the end"
	if rest := []rune(masked)[column:]; len(rest) > 0 {
		length := utf8.RuneCountInString(plain[f.from:f.to])
		found = profile.Quote(string(rest[:max(1, length)]))
	}
	return &Error{Text: masked, Column: column + 1, Found: found, Expected: f.want, Hint: f.hint}
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
