package macro_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"provsim/macro"
)

var (
	wellFormed = regexp.MustCompile(`(?s)^\$(?:([A-Za-z0-9]+)|\(([A-Za-z0-9]+)(?::([0-9]+))?(?::([0-9]+))?\))(.*)$`)
	allZeros   = regexp.MustCompile(`^0*`)
)

// naive is FV-MAC written down once more, by recursion and regular expressions,
// without a thought of speed.
func naive(text string, vars macro.Map, rescan bool) string {
	head, tail, found := strings.Cut(text, "$")
	if !found {
		return text
	}
	tail = "$" + tail
	value, rest, known := naiveValue(tail, vars)
	if strings.HasPrefix(tail, "$$") {
		value, rest, known = naiveValue(tail[1:], vars)
		if !rescan || !known {
			return head + "$" + naive(tail[2:], vars, rescan)
		}
		return head + "$" + value + naive(rest, vars, rescan)
	}
	if !known {
		return head + "$" + naive(tail[1:], vars, rescan)
	}
	return head + value + naive(rest, vars, rescan)
}

func naiveValue(text string, vars macro.Map) (value, rest string, known bool) {
	m := wellFormed.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	value, known = vars[m[1]+m[2]]
	// Dropping bytes one by one needs no thought about the ends.
	for range naiveNumber(m[3], 0) {
		value = strings.TrimPrefix(value, value[:min(1, len(value))])
	}
	for len(value) > naiveNumber(m[4], 1000) {
		value = value[:len(value)-1]
	}
	return value, m[5], known
}

// naiveNumber takes 1000, more than any value here has bytes, for every longer number.
func naiveNumber(digits string, absent int) int {
	if digits == "" {
		return absent
	}
	digits = allZeros.ReplaceAllString(digits, "")
	if len(digits) > 3 {
		return 1000
	}
	n, _ := strconv.Atoi("0" + digits)
	return n
}

// texts draws what is mostly well formed, or nearly so.
func texts() *rapid.Generator[string] {
	parts := rapid.SampledFrom([]string{
		"$", "$$", "$(", ")", ":", "(", "MA", "MAU", "PN", "STRANGE", "0", "4", "12", "99999999999999999999",
		"$MAU", "$(MAU)", "$(MAU:4)", "$(MAU:8:2)", "$(PN:1:)", "$(X:0:3)", "_", " ", "/", "é", "\x00", "\xff",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(parts, 0, 12).Draw(t, "parts"), "")
	})
}

func vars() *rapid.Generator[macro.Map] {
	return rapid.Custom(func(t *rapid.T) macro.Map {
		names := rapid.SampledFrom([]string{"MA", "MAU", "PN", "X", "MAUMA", "4"})
		return rapid.MapOf(names, texts()).Draw(t, "vars")
	})
}

func TestExpandIsTheNaiveExpansion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, vars, s := texts().Draw(t, "text"), vars().Draw(t, "vars"), macro.Sipura
		s.Rescan = rapid.Bool().Draw(t, "rescan")
		if got, want := macro.Expand(text, vars, s), naive(text, vars, s.Rescan); got != want {
			t.Fatalf("%q expands to %q, want %q", text, got, want)
		}
	})
}

func TestEscapedTextExpandsToItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		escaped := macro.Sipura.Escape(text)
		if got := macro.Expand(escaped, vars().Draw(t, "vars"), macro.Sipura); got != text {
			t.Fatalf("%q expands to %q, want %q", escaped, got, text)
		}
		if got := macro.Expand(escaped, macro.Map(nil), rescan()); got != text {
			t.Fatalf("with Rescan %q expands to %q, want %q", escaped, got, text)
		}
	})
}

func TestTextWithoutSigilIsUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ReplaceAll(texts().Draw(t, "text"), "$", "MAU")
		if got := macro.Expand(text, phone, macro.Sipura); got != text {
			t.Fatalf("%q expands to %q", text, got)
		}
		if got := macro.Sipura.Escape(text); got != text {
			t.Fatalf("%q is escaped to %q", text, got)
		}
	})
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, text := texts().Draw(t, "before"), texts().Draw(t, "text")
		got := string(macro.Append([]byte(before), text, phone, macro.Sipura))
		if want := before + macro.Expand(text, phone, macro.Sipura); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func FuzzExpand(f *testing.F) {
	for _, text := range []string{"$(MAU:8:2)", "$$MAU", "$STRANGE$MAU.cfg", "$(MAU", "$(PN:1:", "$\xff$"} {
		f.Add(text, "value")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		vars := macro.Map{"MAU": value, "PN": value}
		for _, s := range []macro.Syntax{macro.Sipura, rescan()} {
			got := macro.Expand(text, vars, s)
			// Every expression takes a sigil, and each can add one value at most.
			if limit := len(text) + strings.Count(text, "$")*len(value); len(got) > limit {
				t.Errorf("%q grows to %d bytes, want at most %d", text, len(got), limit)
			}
			if len(value) < 1000 {
				if want := naive(text, vars, s.Rescan); got != want {
					t.Errorf("%q expands to %q, want %q", text, got, want)
				}
			}
		}
		if got := macro.Expand(macro.Sipura.Escape(text), vars, macro.Sipura); got != text {
			t.Errorf("%q escaped and expanded is %q", text, got)
		}
	})
}

// values are a Map that appends.
type values struct{ macro.Map }

func (v values) AppendValue(dst []byte, name string) []byte { return append(dst, v.Map[name]...) }

// A text that was taken apart expands to what it would expand to as it is, also
// with other values than those that it was taken apart with.
func TestTemplateExpandsLikeItsText(t *testing.T) {
	other := macro.Map{}
	for name := range phone {
		other[name] = "another " + name
	}
	rapid.Check(t, func(t *rapid.T) {
		s := macro.Sipura
		s.Rescan = rapid.Bool().Draw(t, "rescan")
		text := texts().Draw(t, "text")
		template := macro.Parse(text, phone, s)
		for _, vars := range []macro.Map{phone, other} {
			if got, want := string(template.Append([]byte("<"), values{vars})), "<"+macro.Expand(text, vars, s); got != want {
				t.Fatalf("%q expands to %q, want %q", text, got, want)
			}
		}
	})
}
