// Package enum turns the values of small enumerations into the words of journals and
// reports, and back.
package enum

import (
	"fmt"
	"slices"
	"strings"
)

// Word returns the word of a value, or KIND(NUMBER) where it has none.
func Word[E ~uint8](words []string, kind string, e E) string {
	if int(e) < len(words) {
		return words[e]
	}
	return fmt.Sprintf("%s(%d)", kind, uint8(e))
}

// Read sets a value to the one of a word. The error names the words; it leaves the
// value alone.
func Read[E ~uint8](words []string, kind string, text []byte, e *E) error {
	i := slices.Index(words, string(text))
	if i < 0 {
		known := strings.TrimPrefix(strings.Join(words, ", "), ", ") // "" may be the first
		return fmt.Errorf("%s %q is unknown, want one of %s", kind, text, known)
	}
	*e = E(i)
	return nil
}
