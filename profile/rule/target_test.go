package rule_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/macro"
	"provsim/profile"
	"provsim/profile/rule"
)

func target(t *testing.T, text, server string) (profile.Target, error) {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r.Expand(phone, macro.Sipura).Target(server)
}

func TestTarget(t *testing.T) {
	for _, test := range []struct {
		rule, text, server string
		want               profile.Target
	}{
		{"FV-RULE-3: no scheme means tftp", "h/$MA.conf", "", profile.Target{Scheme: "tftp", Host: "h", Port: 69, Path: "/0021f2011b19.conf"}},
		{"FV-RULE-4: default port of http", "http://h/", "", profile.Target{Scheme: "http", Host: "h", Port: 80, Path: "/"}},
		{"FV-RULE-4: default port of https", "https://h/x?y", "", profile.Target{Scheme: "https", Host: "h", Port: 443, Path: "/x?y"}},
		{"FV-RULE-1: a port of its own", "tftp://h:6969/x", "", profile.Target{Scheme: "tftp", Host: "h", Port: 6969, Path: "/x"}},
		{"FV-RULE-2: a port by macro", "tftp://h:$(SN:12:2)/x", "", profile.Target{Scheme: "tftp", Host: "h", Port: 51, Path: "/x"}},
		{"FV-RULE-3: the host of option 66", "/x", "10.0.0.1", profile.Target{Scheme: "tftp", Host: "10.0.0.1", Port: 69, Path: "/x"}},
		{"FV-RULE-3: with its port", "/x", "prov.example.com:6969", profile.Target{Scheme: "tftp", Host: "prov.example.com", Port: 6969, Path: "/x"}},
		{"FV-RULE-3: for other schemes too", "http:///x", "[2001:db8::1]:8080", profile.Target{Scheme: "http", Host: "2001:db8::1", Port: 8080, Path: "/x"}},
		{"FV-RULE-3: an IPv6 address without brackets", "/x", "2001:db8::1", profile.Target{Scheme: "tftp", Host: "2001:db8::1", Port: 69, Path: "/x"}},
		{"FV-SRC-4: padded with NULs", "/x", "10.0.0.1 \x00\x00", profile.Target{Scheme: "tftp", Host: "10.0.0.1", Port: 69, Path: "/x"}},
		{"FV-RULE-3: the rule's host wins", "h/x", "10.0.0.1:70", profile.Target{Scheme: "tftp", Host: "h", Port: 69, Path: "/x"}},
		{"user and password are decoded", "http://u%40%24:%2F$(MA:4)@h/%41", "", profile.Target{Scheme: "http", User: "u@$", Password: "/f2011b19", Host: "h", Port: 80, Path: "/%41"}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got, err := target(t, test.text, test.server)
			if err != nil {
				t.Fatalf("%s: %v", test.text, err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

func TestTargetNeedsAServer(t *testing.T) { // FV-RULE-3
	for _, server := range []string{"", " ", "\x00", " \x00 "} {
		if _, err := target(t, "/x", server); !errors.Is(err, rule.ErrNoServer) {
			t.Errorf("with option 66 %q: %v, want ErrNoServer", server, err)
		}
	}
}

func TestTargetChecksWhatMacrosMade(t *testing.T) {
	for _, test := range []struct {
		rule, text, server, text2 string
		column                    int
		says                      string
	}{
		{"an unknown macro in the host", "http://$(STRANGE:2).net/x", "", "http://$(STRANGE:2).net/x", 8, `found "\$".*a name that the device knows`},
		{"a colon in the host", "http://h-$MAC/x", "", "http://[h-00:21:f2:01:1b:19]/x", 13, `found ":", want a host of letters`},
		{"no port", "[--key ‘a b’]http://u:ключ@h:$PN/x", "", "[--key '***']http://u:****@h:IP542N/x", 30, `found "I", want a port`},
		{"port 0", "http://h:$(MA:0:2)/x", "", "http://h:00/x", 10, `found "00", want a port`},
		{"a large port", "http://h:1$(SN:8)/x", "", "http://h:1000051/x", 10, `found "1000051"`},
		{"an empty port", "http://h:$(MA:99)/x", "", "http://h:$(MA:99)/x", 10, `found "\$"`},
		{"TFTP without a file", "tftp://h/$(MA:99)", "", "tftp://h/", 10, `found the end, want a file's name`},
		{"no server", "/x", "http://h/", "http://h/", 6, `found "/", want a port`},
		{"two servers", "/x", "10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2", 9, `found ",", want a host`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := target(t, test.text, test.server)
			checkError(t, err, test.column, test.says)
			if wrong := err.(*rule.Error); wrong.Text != test.text2 {
				t.Errorf("the text is %s, want %s", wrong.Text, test.text2)
			}
		})
	}
}

func TestTargetChecksValues(t *testing.T) {
	for _, test := range []struct{ rule, text, value, says string }{
		{"a line end in the path", "http://h/$X", "a\r\nHost: b", `found "\\r", want no control characters in the path`},
		{"a slash in the host", "http://$X/y", "h/x", `found "/", want a host`},
		{"a blank in the host", "http://$X/y", "h x", `found " ", want a host`},
		{"a broken escape in the password", "http://u:$X@h/y", "100%", `found "\*", want two hex digits`},
		{"a broken escape in the user", "http://$X:p@h/y", "100%", `found "%", want two hex digits`},
		{"a long host", "http://$X/y", strings.Repeat("h", 254), `want a host of at most 253`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			r, err := rule.Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			expanded := r.Expand(macro.Map{"X": test.value}, macro.Sipura)
			_, err = expanded.Target("")
			wrong, ok := err.(*rule.Error)
			if !ok {
				t.Fatalf("the error is %v", err)
			}
			checkError(t, err, wrong.Column, test.says)
			if wrong.Text != expanded.Redacted() {
				t.Errorf("the text is %s, want %s", wrong.Text, expanded.Redacted())
			}
		})
	}
}

func TestColumnsCountCharactersOfSecrets(t *testing.T) {
	r, err := rule.Parse("[--key 'ключ 1']http://u:$X@h/y")
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Expand(macro.Map{"X": "ключ%"}, macro.Sipura).Target("")
	checkError(t, err, len("[--key '123456']http://u:1234%"), "two hex digits")
}

func TestTargetOfAHandMadeRule(t *testing.T) {
	for _, test := range []struct {
		rule rule.Rule
		says string
	}{
		{rule.Rule{Scheme: "ftp", Host: "h", Path: "/x"}, "want one of http, https and tftp"},
		{rule.Rule{Host: "h"}, "want '/' and a path"},
		{rule.Rule{Host: "h", Path: "x"}, "want '/' and a path"},
	} {
		_, err := test.rule.Target("")
		wrong, ok := err.(*rule.Error)
		if !ok {
			t.Fatalf("%+v: the error is %v", test.rule, err)
		}
		checkError(t, err, wrong.Column, test.says)
	}
}

// URLs are for journals: no credentials, no port that goes without saying.
func TestTargetURL(t *testing.T) {
	for want, target := range map[string]profile.Target{
		"http://h/x":             {Scheme: "http", Host: "h", Port: 80, Path: "/x", User: "u", Password: "p"},
		"http://h:8080/x?q":      {Scheme: "http", Host: "h", Port: 8080, Path: "/x?q"},
		"tftp://[2001:db8::1]/x": {Scheme: "tftp", Host: "2001:db8::1", Port: 69, Path: "/x"},
		"https://[::1]:1/x":      {Scheme: "https", Host: "::1", Port: 1, Path: "/x"},
	} {
		if got := target.URL(); got != want {
			t.Errorf("URL %s, want %s", got, want)
		}
	}
}
