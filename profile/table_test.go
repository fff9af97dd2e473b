package profile_test

import (
	"slices"
	"strings"
	"testing"

	"provsim/profile"
)

// aRule is a type as a vendor makes one.
var aRule = profile.NewType("rule", nil, func(string) string { return "hidden" })

// known is a small table of the kind that a vendor's package has.
var known = profile.NewTable([]profile.Parameter{
	{Name: "DBID_DBASE_VERSION", Type: profile.Version},
	{Name: "DBID_PRV_OPTION66_ENABLED", Web: "Option 66", Type: profile.Switch, Default: "1"},
	{Name: "DBID_PRV_CONFIG_FILE_NAME", Web: "Config File Name", Type: profile.FileName, Default: "$PN.conf"},
	{Name: "DBID_PRV_ENABLE", Web: "Provision Enable", Type: profile.Switch, Default: "1"},
	{Name: "DBID_PROFILE_RULE", Web: "Profile Rule", Type: aRule},
	{Name: "DBID_UPGRADE_RULE", Web: "Upgrade Rule", Type: profile.Text},
	{Name: "DBID_RESYNC_PERIODIC", Web: "Resync Periodic", Type: profile.Number, Unit: "seconds", Default: "3600"},
	{Name: "DBID_WEB_SIP_SERVER", Type: profile.Host},
	{Name: "DBID_WEB_SIP_SERVER_PORT", Type: profile.Port},
	{Name: "DBID_SIP_ENABLE", Type: profile.Switch, PerLine: true},
	{Name: "DBID_SIP_PASSWORD", Type: profile.Secret, PerLine: true},
})

func TestFind(t *testing.T) { // FV-SET-3
	for _, test := range []struct{ name, want string }{
		{"DBID_RESYNC_PERIODIC", "DBID_RESYNC_PERIODIC"},
		{"dbid_resync_periodic", ""},
		{"Resync Periodic", "DBID_RESYNC_PERIODIC"},
		{"resync PERIODIC", "DBID_RESYNC_PERIODIC"},
		{"", ""},
		{"Resync", ""},
	} {
		p, ok := known.Find(test.name)
		if p.Name != test.want || ok != (test.want != "") {
			t.Errorf("%q finds %q, %v, want %q", test.name, p.Name, ok, test.want)
		}
	}
	if p, ok := known.Named("Option 66"); ok {
		t.Errorf("a web name is %q in a file", p.Name)
	}
	if p, ok := known.First(aRule); !ok || p.Name != "DBID_PROFILE_RULE" {
		t.Errorf("the first Profile Rule is %q", p.Name)
	}
	if p, ok := known.First(profile.IPv4); ok {
		t.Errorf("the first IPv4 address is %q, want none", p.Name)
	}
}

func TestNamesAreInOrder(t *testing.T) {
	names := known.Names()
	var all []string
	for p := range known.All() {
		all = append(all, p.Name)
	}
	if !slices.Equal(names, all) || names[0] != "DBID_DBASE_VERSION" || len(names) != 11 {
		t.Errorf("Names are %v, All has %v", names, all)
	}
}

func TestTheFirstOfEqualNamesIsFound(t *testing.T) {
	twice := profile.NewTable([]profile.Parameter{{Name: "A", Web: "a", Unit: "1"}, {Name: "A", Web: "A", Unit: "2"}})
	for _, name := range []string{"A", "a"} {
		if p, _ := twice.Find(name); p.Unit != "1" {
			t.Errorf("%s finds number %s", name, p.Unit)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"Resinc Periodic", "Resync Periodic"},
		{"DBID_PROFILE_RULES", "DBID_PROFILE_RULE"},
		{"Ring Volume", ""},
	} {
		if got, _ := known.Nearest(test.name); got != test.want {
			t.Errorf("%q is near to %q, want %q", test.name, got, test.want)
		}
	}
}

func TestRename(t *testing.T) { // FV-SET-3
	renamed, err := known.Rename(map[string]string{"resync periodic": "DBID_PERIOD", "Upgrade Rule": "FW_RULE"})
	if err != nil {
		t.Fatal(err)
	}
	for name, web := range map[string]string{"DBID_PERIOD": "Resync Periodic", "FW_RULE": "Upgrade Rule", "DBID_PROFILE_RULE": "Profile Rule"} {
		if p, ok := renamed.Named(name); !ok || p.Web != web {
			t.Errorf("%s is %q, want %q", name, p.Web, web)
		}
	}
	if _, ok := renamed.Named("DBID_RESYNC_PERIODIC"); ok {
		t.Error("the old name is still known")
	}
	if _, ok := known.Named("DBID_RESYNC_PERIODIC"); !ok {
		t.Error("Rename has changed its receiver")
	}
	for _, test := range []struct{ web, name, says string }{
		{"Resync Periodc", "X", `found web name "Resync Periodc", want one of the table's, probably Resync Periodic`},
		{"Colour", "X", "want one of the table's"},
		{"Resync Periodic", "A B", `name "A B" for Resync Periodic: found a character`},
		{"Resync Periodic", "", "found a character"},
		{"Resync Periodic", "9A", "found a character"},
		{"Resync Periodic", "DBID_PROFILE_RULE", "found DBID_PROFILE_RULE twice"},
	} {
		_, err := known.Rename(map[string]string{test.web: test.name})
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s for %q: the error is %v, want %s", test.name, test.web, err, test.says)
		}
	}
}

var allTypes = []profile.Type{
	profile.Text, profile.Number, profile.Switch, profile.IPv4, profile.Host, profile.Port, profile.Secret, profile.FileName, profile.Version,
}

func TestCheck(t *testing.T) { // FV-CFG-5
	type values map[profile.Type][]string
	good := values{
		profile.Text:     {"", "anything \x00\xff"},
		profile.Number:   {"0", "2147483647"},
		profile.Switch:   {"0", "1"},
		profile.IPv4:     {"", "192.168.10.1"},
		profile.Host:     {"", "192.168.10.1", "sip.example.com", "2001:db8::1"},
		profile.Port:     {"1", "65535"},
		profile.Secret:   {"", "a b\tc\td\te\tf"},
		profile.FileName: {"$PN.conf", "dir/a b"},
		profile.Version:  {"", "1", "v2"},
	}
	bad := values{
		profile.Number:   {"", "-1", "2147483648", "x"},
		profile.Switch:   {"", "2", "on", " 1"},
		profile.IPv4:     {"192.168.10", "2001:db8::1", "h"},
		profile.Host:     {"h/x", "sip:h", "300.1.1.1", "$IP"},
		profile.Port:     {"", "0", "65536", "sip", "$SN"},
		profile.FileName: {"", " ", "a\x00b", "\x01"},
	}
	for _, kind := range allTypes {
		p := profile.Parameter{Type: kind}
		for _, value := range good[kind] {
			if err := p.Check(value); err != nil {
				t.Errorf("%s %q: %v", kind, value, err)
			}
		}
		for _, value := range bad[kind] {
			if p.Check(value) == nil {
				t.Errorf("%s %q is accepted", kind, value)
			}
		}
		if len(good[kind]) == 0 {
			t.Errorf("%s is not tested", kind)
		}
	}
}

func TestCheckPerLine(t *testing.T) { // FV-SET-4
	p := profile.Parameter{Type: profile.Switch, PerLine: true}
	for value, says := range map[string]string{
		"1":           "",
		"1\t0\t0\t0":  "",
		"1 0 0 0":     "",
		"1\t\t0\t":    "",
		"":            "",
		"1 0 0 0 0":   "found 5 values, want at most 4",
		"1\t0\t2\t0":  `line 3 of the phone: found "2", want 0 or 1`,
		"1 0\t0":      `line 1 of the phone: found "1 0", want 0 or 1`,
		"\t\t\t\t\t1": "found 6 values",
	} {
		err := p.Check(value)
		if says == "" && err != nil || says != "" && (err == nil || !strings.HasPrefix(err.Error(), says)) {
			t.Errorf("%q: %v, want %q", value, err, says)
		}
	}
	p.Type = profile.Text
	if err := p.Check("A Name Of Five Words"); err != nil {
		t.Errorf("a text with blanks: %v", err)
	}
}

func TestTypesHaveWords(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range allTypes {
		if word := kind.String(); word == "" || seen[word] {
			t.Errorf("a type is called %q", word)
		} else {
			seen[word] = true
		}
	}
}

func TestTypesShowNoSecret(t *testing.T) {
	for _, test := range []struct {
		kind  profile.Type
		value string
		want  string
		hides bool
	}{
		{profile.Text, "a", "a", false},
		{profile.Number, "1", "1", false},
		{profile.Secret, "hunter2", "******", true},
		{profile.Secret, "", "", true},
		{aRule, "x", "hidden", true},
	} {
		if got := test.kind.Show(test.value); got != test.want || test.kind.Hides() != test.hides {
			t.Errorf("%v shows %q as %q and hides is %v", test.kind, test.value, got, test.kind.Hides())
		}
	}
}
