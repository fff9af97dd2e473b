package flyingvoice

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/profile"
	"provsim/profile/rule"
)

var known = profile.NewTable(parameters)

// findings writes severity and code before each finding, to be compared whole.
func findings(body string) []string {
	var list []string
	for _, f := range lint("f", []byte(body), known) {
		list = append(list, fmt.Sprintf("%s %s %s", f.Severity, f.Code, f))
	}
	return list
}

const version = "DBID_DBASE_VERSION=2207\n"

func TestLint(t *testing.T) {
	for _, test := range []struct {
		rule, body string
		want       []string
	}{
		{"nothing to say", version + "DBID_SIP_ENABLE=1\t0\t0\t0\n# end\n", nil},
		{"an unknown name is no fault", version + "DBID_RING_VOLUME=5\n", nil},
		{"a phone that never asks again", version + "DBID_PRV_ENABLE=0\n", []string{
			"warning FV-RS-1 f:2:1: DBID_PRV_ENABLE=0 (the phone never asks for a configuration again, until a person sets it to 1 on its web page)",
		}},
		{"option 66 off, and no rule", version + "DBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=\n", []string{
			"warning FV-SRC-2 f:2:1: DBID_PRV_OPTION66_ENABLED=0 without DBID_PROFILE_RULE (the phone asks no server, unless it has a rule from before)",
		}},
		{"a template that was not filled in", version + "DBID_SIP_PASSWORD=%password%\nDBID_ACCOUNT={{ account }}\nDBID_SIP_AUTH=a\t${b}\n", []string{
			"warning FV-CFG-5 f:2:19: DBID_SIP_PASSWORD: the value has marks of a template or a comment (the phone takes them for the value)",
			"warning FV-CFG-5 f:3:14: DBID_ACCOUNT: the value has marks of a template or a comment (the phone takes them for the value)",
			"warning FV-CFG-5 f:4:15: DBID_SIP_AUTH: the value has marks of a template or a comment (the phone takes them for the value)",
		}},
		{"a control character", version + "DBID_SIP_PASSWORD=a\x00b\n", []string{
			"error FV-CFG-2 f:2:20: found a control character, want text and TABs only (the phone skips this line and applies the others)",
		}},
		{"blanks before a value", version + "DBID_X= 5\nDBID_SIP_PASSWORD= a\n", []string{
			"warning FV-CFG-1 f:2:8: blanks before the value (they are part of the value)",
			"warning FV-CFG-1 f:3:19: blanks before the value (they are part of the value)",
		}},
		{"an empty file", "\n", []string{
			"error FV-CFG-2 f: the file is empty (the phone takes nothing from it and keeps its settings)",
		}},
		{"a corrupt file", "<html>", []string{
			"error FV-CFG-2 f: the file has no line NAME=value: this looks like HTML or XML, such as a server's error page (the phone takes nothing from it and keeps its settings)",
		}},
		{"a bad line", version + "  DBID RULE=x\n", []string{
			"error FV-CFG-2 f:2:7: found a character that no name has, want letters, digits, '_', '.' and '-', and a letter or '_' first (the phone skips this line and applies the others)",
		}},
		{"no version", "A=1\n", []string{
			"error FV-CFG-3 f: no DBID_DBASE_VERSION (the phone applies nothing of a file without a version)",
		}},
		{"a version that is no number", "DBID_DBASE_VERSION=1.2\n", []string{
			`warning FV-CFG-3 f:1:1: DBID_DBASE_VERSION: found "1.2", want a number (any other text than the stored one counts as new, but only a number can be added one to)`,
		}},
		{"an empty version", "DBID_DBASE_VERSION=\n", []string{
			"error FV-CFG-3 f:1:1: no DBID_DBASE_VERSION (the phone applies nothing of a file without a version)",
		}},
		{"equal names", version + "A=1\nA=2\n  A=3\n", []string{
			"warning FV-CFG-1 f:3:1: A is also in line 2 (the last value counts)",
			"warning FV-CFG-1 f:4:3: A is also in line 3 (the last value counts)",
		}},
		{"a value out of range", version + "DBID_RESYNC_PERIODIC = hourly\n", []string{
			`error FV-CFG-5 f:2:23: DBID_RESYNC_PERIODIC: found " hourly", want whole seconds from 0 to 2147483647 (the phone keeps its old value)`,
		}},
		{"a value out of range for one line", version + "DBID_SIP_ENABLE=1 0 2 0\n", []string{
			`error FV-CFG-5 f:2:17: DBID_SIP_ENABLE: line 3 of the phone: found "2", want 0 or 1 (the phone keeps its old value)`,
		}},
		{"a name near to a known one", version + "DBID_PROFLE_RULE=/x\n", []string{
			`warning FV-SET-4 f:2:1: unknown name "DBID_PROFLE_RULE", probably DBID_PROFILE_RULE (the phone keeps the value and does nothing with it)`,
		}},
		{"blanks at the end", version + "DBID_SIP_ENABLE=1\t\t\n", []string{
			"info FV-CFG-1 f:2:18: blanks at the end of the line (the phone cuts them off)",
		}},
		{"a byte order mark", "\ufeff" + version, []string{
			"info FV-CFG-1 f:1:1: byte order mark (the phone skips it)",
		}},
		{"mixed line ends, told once", version + "A=1\r\nB=2\nC=3\r\n", []string{
			"info FV-CFG-1 f:2:4: line end CRLF after lines with LF (the phone takes both, but two tools may have written this file)",
		}},
		{"one kind of line ends, none after the last line", "DBID_DBASE_VERSION=1\r\nA=1\r\nB=2", nil},
		{"a rule that does not parse", version + "DBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=http://é:8o/x\n", []string{
			`error FV-CFG-5 f:3:26: DBID_PROFILE_RULE: found "é", want a host of letters, digits, '-', '_' and '.' (an international name is written in its xn-- form)`,
		}},
		{"a key in the Upgrade Rule", version + "DBID_UPGRADE_RULE=[--key 1]http://h/x\n", []string{
			`error FV-CFG-5 f:2:19: DBID_UPGRADE_RULE: found "[", want a target such as http://server/path (an Upgrade Rule takes no options, firmware is not encrypted)`,
		}},
		{"a Profile Rule with https is right", version + "DBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=https://h/x\n", nil},
		{"an upgrade over https", version + "DBID_UPGRADE_RULE=HTTPS://h/x.bin\n", []string{
			"error FV-UP-3 f:2:19: DBID_UPGRADE_RULE: found https, want http or tftp (the phone does not upgrade over https)",
		}},
		{"a Profile Rule beside option 66", version + "DBID_PROFILE_RULE=http://h/x\nDBID_PRV_OPTION66_ENABLED=1\n", []string{
			"warning FV-SRC-1 f:2:1: DBID_PROFILE_RULE together with DBID_PRV_OPTION66_ENABLED=1 (while option 66 is on the rule has no effect)",
		}},
		{"a Profile Rule without a word on option 66", version + "DBID_PROFILE_RULE=http://h/x\n", []string{
			"info FV-SRC-1 f:2:1: DBID_PROFILE_RULE without DBID_PRV_OPTION66_ENABLED (the rule has an effect only where option 66 is off, and the phone is delivered with DBID_PRV_OPTION66_ENABLED=1)",
		}},
		{"an empty Profile Rule", version + "DBID_PROFILE_RULE=\nDBID_PRV_OPTION66_ENABLED=1\n", nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			if diff := cmp.Diff(test.want, findings(test.body)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLintShowsNoSecret(t *testing.T) {
	body := version + "DBID_SIP_PASSWORD=secret\tsecret\tsecret\tsecret\tsecret\nDBID_SIP_PASSWORD=secret \n" +
		"DBID_PROFILE_RULE=[--key secret http://h/x\nDBID_PROFILE_RULE=http://u:secret@h:0/x\nDBID_SIP_PASSWRD=secret\nsecret\n"
	list := strings.Join(findings(body), "\n")
	if strings.Count(list, "\n") < 6 {
		t.Errorf("there are too few findings:\n%s", list)
	}
	if strings.Contains(list, "secret") {
		t.Errorf("a finding shows a secret:\n%s", list)
	}
}

func TestLintWithoutTheParameters(t *testing.T) {
	onlyRule := profile.NewTable([]profile.Parameter{{Name: "DBID_PROFILE_RULE", Type: rule.Profile}})
	for _, table := range []profile.Table{{}, onlyRule} {
		if list := lint("f", []byte("DBID_PROFILE_RULE=/x\n"), table); list != nil {
			t.Errorf("got %v, want nothing", list)
		}
	}
}

func TestLintEnds(t *testing.T) {
	list := lint("f", []byte("A=1\n"+strings.Repeat("bad\n", 5000)), known)
	if len(list) != 1001 {
		t.Fatalf("%d findings, want 1001", len(list))
	}
	var all strings.Builder
	for _, f := range list {
		all.WriteString(f.String() + "\n")
	}
	for _, want := range []string{"f: more than 1000 findings (the others are left out)\n", "f: no DBID_DBASE_VERSION"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not among the findings", want)
		}
	}
}

func TestFindingAsJSON(t *testing.T) {
	data, err := json.Marshal(lint("f", []byte("A=1\nA=2\n"), known))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"file":"f","severity":"error","code":"FV-CFG-3","what":"no DBID_DBASE_VERSION","why":"the phone applies nothing of a file without a version"},` +
		`{"file":"f","line":2,"column":1,"severity":"warning","code":"FV-CFG-1","what":"A is also in line 1","why":"the last value counts"}]`
	if got := string(data); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := profile.Severity(9).String(); got != "severity(9)" {
		t.Errorf("an unknown severity is %q", got)
	}
}
