package enum

import (
	"strings"
	"testing"
)

type fruit uint8

func TestWords(t *testing.T) {
	words := []string{"", "apple", "pear"}
	for value, word := range words {
		e := fruit(9)
		if got := Word(words, "fruit", fruit(value)); got != word {
			t.Errorf("%d is %q, want %q", value, got, word)
		}
		if err := Read(words, "fruit", []byte(word), &e); err != nil || e != fruit(value) {
			t.Errorf("%q is %d, %v, want %d", word, e, err, value)
		}
	}
	if got := Word(words, "fruit", fruit(3)); got != "fruit(3)" {
		t.Errorf("3 is %q", got)
	}
	e := fruit(1)
	if err := Read(words, "fruit", []byte("Apple"), &e); err == nil || e != 1 || !strings.Contains(err.Error(), `fruit "Apple" is unknown, want one of apple, pear`) {
		t.Errorf("Apple is %d, %v", e, err)
	}
}
