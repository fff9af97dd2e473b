package ciscospa

import (
	"fmt"
	"strings"
	"testing"
)

func TestLint(t *testing.T) {
	for _, test := range []struct{ rule, body, want string }{
		{"nothing to say", flat("Resync_Periodic=60", "Profile_Rule=/x", "Strange=1"), ""},
		{"SPA-FMT-2 no profile", "<html/>", "error SPA-FMT-2 f: the file has no element flat-profile"},
		{"SPA-FMT-2 an access that phones do not know", `<flat-profile><GPP_A ua="all">1</GPP_A></flat-profile>`, `warning SPA-FMT-2 f:1:15: ua: found "all", want na, ro or rw`},
		{"SPA-FMT-2 a name near to a known one", flat("profile_rule=/x"), `warning SPA-FMT-2 f:2:1: unknown element "profile_rule", probably Profile_Rule`},
		{"SPA-FMT-3 twice", flat("GPP_A=1", "GPP_A=2"), `warning SPA-FMT-3 f:3:1: "GPP_A" stands in line 2 already`},
		{"SPA-FMT-3 a value", flat("Resync_Periodic=hourly"), "error SPA-FMT-3 f:2:1: Resync_Periodic: "},
		{"SPA-RULE-1 a rule", flat("Profile_Rule_B=! 7.5.5 ? http://a/x"), "error SPA-RULE-1 f:2:1: Profile_Rule_B: column 1"},
		{"SPA-RULE-7 a trigger", flat("Resync_Trigger_1=($SWVER eq 7.5.5)?"), "error SPA-RULE-1 f:2:1: Resync_Trigger_1: column 1"},
		{"SPA-RULE-7 a good trigger", flat("Resync_Trigger_1=$REGTMR1 gt 300 and $PRVTMR gt 1200"), ""},
		{"a template", flat("User_ID_1_={{ user }}"), "warning SPA-FMT-2 f:2:1: User_ID_1_: the value has marks of a template"},
		{"SPA-FMT-1 a compiled profile", "\x00\x01", "error SPA-FMT-1 f: this is a compiled profile"},
		{"SPA-FMT-4 the source text", "# c\nimport base.txt\nResync_Periodic \"60\" ;\nUser_ID[1] ! \"1\" ;\n", "info SPA-FMT-4 f: this is the source text"},
		{"SPA-FMT-4 no semicolon", "GPP_A \"1\"\n", `error SPA-FMT-4 f:1:10: found no ";" after the value`},
		{"SPA-FMT-4 no value", "GPP_A 1 ;\n", `error SPA-FMT-4 f:1:1: found no value in quotation marks`},
		{"SPA-FMT-4 a value out of its range", "Resync_Periodic \"x\" ;\n", "error SPA-FMT-3 f:1:1: Resync_Periodic: "},
	} {
		var list []string
		for _, f := range Personality.Lint("f", []byte(test.body), Personality.Parameters) {
			list = append(list, fmt.Sprintf("%s %s %s", f.Severity, f.Code, f))
		}
		last := strings.Join(list, "\n")
		if len(list) > 0 && strings.Contains(test.rule, "SPA-FMT-4") {
			last = list[len(list)-1]
		}
		if !strings.HasPrefix(last, test.want) || test.want == "" && last != "" {
			t.Errorf("%s:\n got %s\nwant %s", test.rule, last, test.want)
		}
	}
}

func TestLintShowsNoSecretAndEnds(t *testing.T) {
	body := flat("Password_1_=hunter2", "Profile_Rule=[--key hunter2 http://a/x", "Passwd_1_=hunter2", "GPP_SA=hunter2") + strings.Repeat("\n", 3)
	for _, f := range Personality.Lint("f", []byte(body), Personality.Parameters) {
		if strings.Contains(f.String(), "hunter2") {
			t.Errorf("a finding shows a secret: %v", f)
		}
	}
	if n := len(Personality.Lint("f", []byte("A \"1\" ;\n"+strings.Repeat("bad\n", 5000)), Personality.Parameters)); n != 1001 {
		t.Errorf("%d findings, want %d", n, 1001)
	}
}

func FuzzLint(f *testing.F) {
	for _, seed := range []string{flat("Profile_Rule=(1 eq 1)? /x"), "GPP_A \"1\" ;", "\x00", "<a", "import x\n#"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, finding := range Personality.Lint("f", body, Personality.Parameters) {
			if finding.Code == "" || finding.What == "" || finding.Why == "" {
				t.Errorf("%+v", finding)
			}
		}
	})
}
