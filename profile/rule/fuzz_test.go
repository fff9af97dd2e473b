package rule_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"provsim/macro"
	"provsim/profile/rule"
)

var ruleSeeds = []string{
	"tftp://prov.call.com/cpe/CW$MA.conf", "[--key ‘a key’] https://u:p%40@h:$(SN:2)/x?y#z", "[2001:db8::1]:69/x",
	"($SWVER lt 1)? [--post a]http://h/x | --key secret /y", "[--key 'it", "http://h", "\xff\x00://", "//", "[[[]]]--key@:",
}

// checkRuleError holds an error to what RuleError promises.
func checkRuleError(t *testing.T, err error) {
	var wrong *rule.Error
	if !errors.As(err, &wrong) {
		t.Fatalf("the error is the %T %v", err, err)
	}
	if wrong.Column < 1 || wrong.Column > utf8.RuneCountInString(wrong.Text)+1 {
		t.Errorf("column %d is not in %q", wrong.Column, wrong.Text)
	}
	if wrong.Found == "" || wrong.Expected == "" || len(wrong.Error()) > 1000 {
		t.Errorf("the error says %q", wrong.Error())
	}
	if strings.Count(wrong.Caret(), "\n") != 1 {
		t.Errorf("Caret is not two lines: %q", wrong.Caret())
	}
}

// checkTarget expands and completes a rule that was parsed.
func checkTarget(t *testing.T, r rule.Rule) {
	target, err := r.Expand(phone, macro.Sipura).Target("10.0.0.1")
	if err != nil {
		checkRuleError(t, err)
		return
	}
	if target.Host == "" || target.Port == 0 || !strings.HasPrefix(target.Path, "/") || strings.ContainsAny(target.Host+target.Path, "\r\n\x00") {
		t.Errorf("%q gives the target %+v", r, target)
	}
}

func FuzzParseRule(f *testing.F) {
	for _, seed := range ruleSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := rule.Parse(text)
		if _, upgrade := rule.ParseUpgrade(text); err != nil && upgrade == nil {
			t.Errorf("%q is an Upgrade Rule, but no Profile Rule: %v", text, err)
		}
		if err != nil {
			checkRuleError(t, err)
			return
		}
		back, err := rule.Parse(r.String())
		if diff := cmp.Diff(r, back); err != nil || diff != "" {
			t.Errorf("%q, printed as %q, is read differently: %v\n%s", text, r, err, diff)
		}
		if !r.IsZero() {
			checkTarget(t, r)
		}
	})
}

func FuzzParseOption66(f *testing.F) {
	for _, seed := range append(ruleSeeds, "10.0.0.1\x00", "h:6969", "2001:db8::1", "http://h/dir/?x") {
		f.Add(seed, "$PN.conf")
	}
	f.Fuzz(func(t *testing.T, value, file string) {
		r, extended, err := rule.ParseOption66(value, file)
		switch {
		case errors.Is(err, rule.ErrNoServer):
			if err == rule.ErrNoServer && strings.Trim(value, " \t\x00") != "" {
				t.Errorf("%q names no server", value)
			}
		case err != nil:
			checkRuleError(t, err)
		case r.Scheme == "" || !strings.HasPrefix(r.Path, "/") || r.Keyed:
			t.Errorf("%q gives %+v", value, r)
		case extended != strings.Contains(value, "/"):
			t.Errorf("%q: extended is %v", value, extended)
		default:
			checkTarget(t, r)
		}
	})
}
