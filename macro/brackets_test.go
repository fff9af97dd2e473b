package macro_test

import (
	"regexp"
	"strings"
	"testing"

	"provsim/macro"
)

var enclosed = map[string]macro.Syntax{"[]": macro.Brackets, "{}": macro.Braces, "<>": macro.Angles}

func TestNamesInBrackets(t *testing.T) {
	vars := macro.Map{"PHONE_MAC_ADDRESS": "0004f2aabbcc", "mac": "00041312", "MAC": "[mac]", "A": ""}
	for _, test := range []struct{ text, want string }{
		{"[PHONE_MAC_ADDRESS]-phone.cfg", "0004f2aabbcc-phone.cfg"},
		{"a[mac]b[mac]", "a00041312b00041312"},
		{"[MAC]", "[mac]"}, // a value is not scanned again
		{"[A]", ""},
		{"[STRANGE][mac]", "[STRANGE]00041312"},
		{"[[mac]]", "[00041312]"},
		{"[mac", "[mac"},
		{"[]", "[]"},
		{"[ mac]", "[ mac]"},
		{"[mac:2]", "[mac:2]"},
		{"$mac", "$mac"},
		{"", ""},
	} {
		for signs, s := range enclosed {
			r := strings.NewReplacer("[", signs[:1], "]", signs[1:])
			local := macro.Map{}
			for name, value := range vars {
				local[name] = r.Replace(value)
			}
			if got := macro.Expand(r.Replace(test.text), local, s); got != r.Replace(test.want) {
				t.Errorf("%s gives %s, want %s", r.Replace(test.text), got, r.Replace(test.want))
			}
		}
	}
}

// The marks of other vendors mean nothing to a phone, and names of its own end at
// an underscore.
func TestUnderscore(t *testing.T) {
	vars := macro.Map{"PN": "IP542N", "PN_X": "no"}
	if got := macro.Expand("$PN_X", vars, macro.Sipura); got != "IP542N_X" {
		t.Errorf("$PN_X is %s", got)
	}
	with := macro.Sipura
	with.Underscore = true
	if got := macro.Expand("$PN_X$(PN_X)", vars, with); got != "nono" {
		t.Errorf("with underscores $PN_X is %s", got)
	}
}

func FuzzBrackets(f *testing.F) {
	for _, seed := range []string{"[MAC]", "[[A_B]]x", "[", "]", "[]", "a[MAC", "[A B]"} {
		f.Add(seed, "value")
	}
	naive := regexp.MustCompile(`\[(A_B|MAC)\]`)
	f.Fuzz(func(t *testing.T, text, value string) {
		vars := macro.Map{"MAC": value, "A_B": value}
		want := naive.ReplaceAllLiteralString(text, value)
		if got := macro.Expand(text, vars, macro.Brackets); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
		parsed := macro.Parse(text, vars, macro.Brackets)
		if got := string(parsed.Append(nil, values{vars})); got != want {
			t.Errorf("%q, parsed, gives %q, want %q", text, got, want)
		}
		for i := range text {
			n := macro.Brackets.Span(text[i:])
			if n > 0 && (text[i] != '[' || text[i+n-1] != ']') || n < 0 {
				t.Errorf("%q: the span at %d is %d", text, i, n)
			}
		}
	})
}
