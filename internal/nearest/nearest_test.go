package nearest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"provsim/internal/nearest"
)

func TestName(t *testing.T) {
	known := []string{"http", "https", "tftp", "Resync Periodic", "DBID_PROFILE_RULE", "DBID_UPGRADE_RULE", "files/9"}
	for _, test := range []struct {
		rule, word, want string
	}{
		{"a letter is missing", "htp", "http"},
		{"a letter is added", "httpp", "http"},
		{"a letter is added in front", "xtftp", "tftp"},
		{"a letter is missing in front", "ftp", "tftp"},
		{"a letter is changed", "tttp", "http"},
		{"two neighbours are swapped", "tfpt", "tftp"},
		{"the fewest slips win over the first name", "htpps", "https"},
		{"case is no slip", "HTTPS", "https"},
		{"a known word is nearest to itself", "tftp", "tftp"},
		{"three slips in a long word", "resinc perodik", "Resync Periodic"},
		{"but not four", "resink perodk", ""},
		{"a long common prefix alone is not near", "DBID_WEB_PORT", ""},
		{"a word without a letter in common", "gopher", ""},
		{"more than a third of a short word", "ht", ""},
		{"another number is another word", "files/99", ""},
		{"a number does not stand in a slip's way", "fils/9", "files/9"},
		{"the empty word", "", ""},
		{"a very long word", strings.Repeat("http", 1<<16), ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got, ok := nearest.Name(test.word, known)
			if got != test.want || ok != (test.want != "") {
				t.Errorf("Name(%q) = %q, %v, want %q", test.word, got, ok, test.want)
			}
		})
	}
}

func TestNoNameIsNearToNone(t *testing.T) {
	if got, ok := nearest.Name("a", nil); ok || got != "" {
		t.Errorf("Name among no words = %q, %v", got, ok)
	}
	for _, known := range []string{"", "b"} {
		if got, ok := nearest.Name("a", []string{known}); ok {
			t.Errorf("Name(a) among %q = %q: nothing of the word is left", known, got)
		}
	}
}

// One slip in a word of six letters or more is always found again, whatever
// the slip.
func TestOneSlipIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := []rune(rapid.StringMatching(`[a-z]{6,12}`).Draw(t, "word"))
		at := rapid.IntRange(0, len(word)-2).Draw(t, "at")
		typed := slices.Clone(word)
		switch rapid.SampledFrom([]string{"change", "miss", "add", "swap"}).Draw(t, "slip") {
		case "change":
			typed[at] = 'é'
		case "miss":
			typed = slices.Delete(typed, at, at+1)
		case "add":
			typed = slices.Insert(typed, at, 'é')
		case "swap":
			typed[at], typed[at+1] = typed[at+1], typed[at]
		}
		got, ok := nearest.Name(string(typed), []string{string(word)})
		if !ok || got != string(word) {
			t.Errorf("Name(%q) = %q, %v, want %q", string(typed), got, ok, string(word))
		}
	})
}

func ExampleName() {
	name, ok := nearest.Name("htps", []string{"http", "https", "tftp"})
	fmt.Println(name, ok)
	// Output: https true
}
