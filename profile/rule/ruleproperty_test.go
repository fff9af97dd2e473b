package rule_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"provsim/macro"
	"provsim/profile"
	"provsim/profile/rule"
)

// rules draws rules as grammar.txt has them.
func rules() *rapid.Generator[string] {
	draw := func(t *rapid.T, name string, choices ...string) string {
		return rapid.SampledFrom(choices).Draw(t, name)
	}
	key := rapid.OneOf(
		rapid.StringMatching(`[^]\[\s'"‘’“”[:cntrl:]-][^]\[\s[:cntrl:]]{0,5}`),
		rapid.StringMatching(`'[^'[:cntrl:]]{1,5}'`),
		rapid.StringMatching(`"[^"[:cntrl:]]{1,5}"`),
		rapid.StringMatching(`‘[^’[:cntrl:]]{1,5}’`),
		rapid.StringMatching(`“[^”[:cntrl:]]{1,5}”`),
		rapid.Just("$(MAU:1:2)"),
	)
	return rapid.Custom(func(t *rapid.T) string {
		rule := draw(t, "blanks", "", " ")
		if rapid.Bool().Draw(t, "keyed") {
			rule += draw(t, "open", "[--key ", "[ --key\t") + key.Draw(t, "key") + draw(t, "close", "]", " ] ")
		}
		rule += draw(t, "scheme", "", "http://", "HTTPS://", "tftp://")
		if rapid.Bool().Draw(t, "authority") {
			if rapid.Bool().Draw(t, "credentials") {
				rule += draw(t, "user", "u", "$(PN:1:2)", "u%20r") + ":" + rapid.StringMatching(`([a-z:@?!]|%40|\$\(MA:2\)){0,4}`).Draw(t, "password") + "@"
			}
			rule += draw(t, "host", "h", "prov.example.com", "10.0.0.1", "[2001:db8::1]", "$(MAU:4).net", "$PN", "[$(IP)]") +
				draw(t, "port", "", ":80", ":$(SN:1)", ":65535")
		}
		return rule + "/" + rapid.StringMatching(`[a-z:@]{1,2}([a-z/:@?=\[\] ]|\$\(MA:2\)|é){0,9}x`).Draw(t, "path")
	})
}

func TestRuleIsReadFromItsString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rules().Draw(t, "text")
		first, err := rule.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		second, err := rule.Parse(first.String())
		if err != nil {
			t.Fatalf("%s, printed as %s: %v", text, first, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("%s, printed as %s, is read differently:\n%s", text, first, diff)
		}
	})
}

func TestRedactedDiffersOnlyInSecrets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rules().Draw(t, "text")
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		plain, redacted := []rune(r.String()), []rune(r.Redacted())
		if len(plain) != len(redacted) {
			t.Fatalf("%s has another length than %s", string(redacted), string(plain))
		}
		stars := 0
		for i := range plain {
			if redacted[i] == '*' {
				stars++
			} else if redacted[i] != plain[i] {
				t.Fatalf("%s differs from %s in more than stars", string(redacted), string(plain))
			}
		}
		if want := utf8.RuneCountInString(r.Key) + utf8.RuneCountInString(r.Password); stars != want {
			t.Fatalf("%s has %d stars, want %d", string(redacted), stars, want)
		}
	})
}

// A rule with secrets that one slip has spoilt shows none of them in its error.
// The secrets are of letters that nothing else in the rule has.
func TestErrorsShowNoSecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []rune(rapid.SampledFrom([]string{
			"[--key жжж]http://user:жжж@host:80/path?q=1",
			"[--key 'жж ж'] tftp://user:ж@жж@10.0.0.1/path",
			"[--key “жж]ж”]user:жжж@[2001:db8::1]:80/path",
			"[--key жж]ж]http://host/path",
			"(cond)? [--key жжж] http://host/path | http://user:жжж@host/path",
			`( Password = "жжж"; )! http://host/path`,
			"[--uid u --pwd жжж]http://host/path",
			"--key жжж http://host/path",
			"[key жжж]http://host/path",
			"[жжж]http://host/path",
			"http://user:жж/жж@host/path",
		}).Draw(t, "rule"))
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		if rapid.Bool().Draw(t, "insert") {
			text = slices.Insert(text, at, rapid.SampledFrom([]rune("[]()/:@|#-'\" \x01é")).Draw(t, "slip"))
		} else if !strings.ContainsRune("@:'\"“”]", text[at]) {
			// Without these a reader cannot tell what is a secret.
			text = slices.Delete(text, at, at+1)
		}
		_, err := rule.Parse(string(text))
		wrong, ok := err.(*rule.Error)
		if err == nil {
			t.Skip("the slip has spoilt nothing")
		}
		if !ok {
			t.Fatalf("the error is a %T", err)
		}
		if shown := wrong.Error() + wrong.Caret(); strings.Contains(shown, "ж") {
			t.Fatalf("%s shows a secret:\n%s", string(text), shown)
		}
	})
}

// What macros do to a rule, its Target is in order, or there is an error.
func TestTargetIsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]string{"a", "80", "", "a b", "a/b", "ä", "%", "%41", ":", "2001:db8::1", "\x00", "$", "@"})
		vars := macro.Map{}
		for _, name := range []string{"MA", "MAU", "PN", "SN", "IP"} {
			vars[name] = value.Draw(t, name)
		}
		text := rules().Draw(t, "text")
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		target, err := r.Expand(vars, macro.Sipura).Target("10.0.0.1")
		if err != nil {
			if _, ok := err.(*rule.Error); !ok {
				t.Fatalf("%s: the error is the %T %v", text, err, err)
			}
			return
		}
		switch {
		case profile.DefaultPort(target.Scheme) == 0:
			t.Fatalf("%s: scheme %q", text, target.Scheme)
		case target.Host == "" || strings.ContainsAny(target.Host, " /@$%\x00\n"):
			t.Fatalf("%s: host %q", text, target.Host)
		case target.Port == 0:
			t.Fatalf("%s: no port", text)
		case !strings.HasPrefix(target.Path, "/") || strings.ContainsAny(target.Path, "\x00\n"):
			t.Fatalf("%s: path %q", text, target.Path)
		}
	})
}
