package check

import (
	"fmt"
	"strings"

	"provsim/internal/enum"
	"provsim/internal/nearest"
)

// word returns the word of a small enumeration's value.
func word[E ~uint8](words []string, e E) string { return enum.Word(words, "value", e) }

// find returns the value that a word stands for.
func find[E ~uint8](words []string, kind, text string) (E, error) {
	for i, w := range words {
		if w == text {
			return E(i), nil
		}
	}
	if near, ok := nearest.Name(text, words); ok {
		return 0, fmt.Errorf("unknown %s %q, did you mean %q?", kind, text, near)
	}
	known := strings.TrimPrefix(strings.Join(words, ", "), ", ") // "" may be the first
	return 0, fmt.Errorf("unknown %s %q, want one of: %s", kind, text, known)
}
