package profile_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"provsim/macro"
	"provsim/profile"
)

var ruleSeeds = []string{
	"tftp://prov.call.com/cpe/CW$MA.conf", "[--key ‘a key’] https://u:p%40@h:$(SN:2)/x?y#z", "[2001:db8::1]:69/x",
	"($SWVER lt 1)? [--post a]http://h/x | --key secret /y", "[--key 'it", "http://h", "\xff\x00://", "//", "[[[]]]--key@:",
}

// checkRuleError holds an error to what RuleError promises.
func checkRuleError(t *testing.T, err error) {
	var wrong *profile.RuleError
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
func checkTarget(t *testing.T, r profile.Rule) {
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
		r, err := profile.ParseRule(text)
		if _, upgrade := profile.ParseUpgradeRule(text); err != nil && upgrade == nil {
			t.Errorf("%q is an Upgrade Rule, but no Profile Rule: %v", text, err)
		}
		if err != nil {
			checkRuleError(t, err)
			return
		}
		back, err := profile.ParseRule(r.String())
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
		r, extended, err := profile.ParseOption66(value, file)
		switch {
		case errors.Is(err, profile.ErrNoServer):
			if strings.Trim(value, " \t\x00") != "" {
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

var configSeeds = []string{
	"DBID_DBASE_VERSION=2207\nDBID_SIP_ENABLE=1\t0\t0\t0\n", "\ufeffA=1\r\nA=2 \r\n", "<html>", "A\n=\n#\nB = x",
	"DBID_DBASE_VERSION=1\nDBID_PROFILE_RULE=[--key x http://h\nDBID_UPGRADE_RULE=https://h/x\nDBID_PRV_OPTION66_ENABLED=1", "\x00\xff=\xff",
}

func FuzzParseConfig(f *testing.F) {
	for _, seed := range configSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := profile.ParseConfig(body)
		if err != nil {
			if !errors.Is(err, profile.ErrEmpty) && !errors.Is(err, profile.ErrCorrupt) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		lines := strings.Count(string(body), "\n") + 1
		for name, value := range c.All() {
			if got, _ := c.Get(name); got != value || c.Line(name) < 1 || c.Line(name) > lines {
				t.Errorf("%q is %q in line %d, want %q", name, got, c.Line(name), value)
			}
		}
		for _, bad := range c.Bad() {
			if bad.Line < 1 || bad.Line > lines || bad.Column < 1 || bad.Why == "" {
				t.Errorf("bad line %+v of %d", bad, lines)
			}
		}
		back, err := profile.ParseConfig(c.Append(nil))
		if diff := cmp.Diff(listing(c), listing(back)); err != nil || diff != "" {
			t.Errorf("it is printed and read differently: %v\n%s", err, diff)
		}
	})
}

func FuzzLint(f *testing.F) {
	for _, seed := range configSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, unusable := profile.ParseConfig(body)
		list := profile.Lint("f", body, known)
		if unusable != nil && len(list) != 1 {
			t.Errorf("%d findings for a file that is none, want 1", len(list))
		}
		lines := strings.Count(string(body), "\n") + 1
		for i, finding := range list {
			if finding.Line > lines || (finding.Line > 0) != (finding.Column > 0) || i > 0 && finding.Line < list[i-1].Line {
				t.Errorf("finding %d of a file of %d lines is %v", i, lines, finding)
			}
			if finding.Code == "" || finding.What == "" || finding.Why == "" {
				t.Errorf("finding %d is %+v", i, finding)
			}
		}
	})
}
