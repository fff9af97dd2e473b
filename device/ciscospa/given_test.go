package ciscospa

import (
	"testing"

	"provsim/device"
	"provsim/resync"
)

// A rule that is given counts once, in place of all others (SPA-TRG-1).
func TestGivenRule(t *testing.T) {
	for _, test := range []struct{ rule, given, urls, outcome string }{
		{"a URL", "http://a/$MA.xml", "http://a/000e08aabbcc.xml", "applied"},
		{"a path, on the server of the lease", "/other.xml", "tftp://10.0.0.5/other.xml", "not-found"},
		{"options", "[--post f]http://a/q", "http://a/q", "applied"},
		{"a condition that is false", "(1 eq 2)? http://a/x", "", "unchanged"},
		{"no rule", "htp://a/x", "", "bad-rule"},
	} {
		p := newPhone(t, "Profile_Rule_B=http://a/b", "GPP_F=x")
		p.boot()
		p.asked = nil
		p.files["http://a/000e08aabbcc.xml"], p.files["http://a/q"] = flat("GPP_A=given"), flat("GPP_A=given")
		p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person, Rule: test.given})
		if p.urls() != test.urls || p.outcome() != test.outcome || (p.setting("GPP_A") == "given") != (test.outcome == "applied") {
			t.Errorf("%s: asked %q, %s, GPP_A %q\n%q", test.rule, p.urls(), p.outcome(), p.setting("GPP_A"), p.log)
		}
		p.asked = nil
		if p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person}); p.urls() != "tftp://10.0.0.5/spa504G.cfg" {
			t.Errorf("%s: the next resync asks %q", test.rule, p.urls())
		}
	}
	p := newPhone(t).offer("66", "http://10.0.0.5/whole.cfg")
	p.boot()
	p.asked = nil
	if p.tell(device.Input{Kind: device.AskResync, Rule: "/other.xml"}); p.urls() != "tftp://10.0.0.5/other.xml" {
		t.Errorf("a URL in option 66 takes the place of a given rule: %q", p.urls())
	}
}

// An upgrade that is asked for is done at once (SPA-UP-3), and leaves what the rule in the settings
// wants to be done.
func TestGivenUpgrade(t *testing.T) {
	p := newPhone(t)
	p.files["http://a/spa504G-7-6-2.bin"] = "image"
	p.boot()
	p.asked = nil
	p.tell(device.Input{Kind: device.AskUpgrade, Cause: resync.Person, Rule: "http://a/spa504G-7-6-2.bin"})
	if p.urls() != "http://a/spa504G-7-6-2.bin" || p.saved.Software != "7.6.2" || p.saved.UpgradeURL != "" || !p.said("upgrade.start request") {
		t.Errorf("asked %q, runs %s, done %q: %q", p.urls(), p.saved.Software, p.saved.UpgradeURL, p.log)
	}
	p = newPhone(t)
	p.boot()
	if p.tell(device.Input{Kind: device.AskUpgrade, Rule: "https://a/x.bin"}); p.outcome() != "https-upgrade" {
		t.Errorf("https: %s", p.outcome())
	}
	if p.tell(device.Input{Kind: device.AskUpgrade}); p.outcome() != "unchanged" {
		t.Errorf("without a rule: %s", p.outcome())
	}
	p = newPhone(t, "Upgrade_Enable=No")
	p.boot()
	if p.tell(device.Input{Kind: device.AskUpgrade, Rule: "http://a/x.bin"}); !p.said("upgrades are off") {
		t.Errorf("with Upgrade_Enable off: %q", p.log)
	}
}

// Where it would have to wait, a given rule is refused.
func TestGivenRuleDoesNotWait(t *testing.T) {
	p := newPhone(t)
	p.boot()
	p.tell(device.Input{Kind: device.SetLine, Line: 1, Active: true})
	p.asked = nil
	if p.tell(device.Input{Kind: device.AskResync, Rule: "http://a/x"}); p.urls() != "" || !p.said("a rule was given, but a line is active") {
		t.Errorf("in a call: asked %q, %q", p.urls(), p.log)
	}
	p.tell(device.Input{Kind: device.SetLine, Line: 1})
	p.tell(device.Input{Kind: device.LostLease})
	if p.tell(device.Input{Kind: device.AskResync, Rule: "http://a/x"}); !p.said("the job has to wait") {
		t.Errorf("without an address: %q", p.log)
	}
	if p.tell(device.Input{Kind: device.GotLease, Lease: p.lease}); p.urls() != "tftp://10.0.0.5/spa504G.cfg" {
		t.Errorf("with an address again: asked %q", p.urls())
	}
}

func TestNotifyFrom(t *testing.T) { // SPA-TRG-2
	for _, test := range []struct {
		rule, user string
		settings   []string
		from       *device.Account
		takes      bool
	}{
		{"the first line", "", []string{"User_ID_1_=100", "Password_1_=s1"}, &device.Account{User: "100", Password: "s1"}, true},
		{"the line that is named", "200", []string{"User_ID_2_=200", "Password_2_=s2"}, &device.Account{User: "200", Password: "s2"}, true},
		{"its name for it", "100", []string{"User_ID_1_=100", "Password_1_=s1", "Use_Auth_ID_1_=Yes", "Auth_ID_1_=ann"}, &device.Account{User: "ann", Password: "s1"}, true},
		{"off for the line", "200", []string{"User_ID_2_=200", "Auth_Resync-Reboot_2_=No"}, nil, true},
		{"on for the others", "100", []string{"User_ID_1_=100", "Auth_Resync-Reboot_2_=No"}, &device.Account{User: "100"}, true},
		{"Resync_From_SIP off", "100", []string{"Resync_From_SIP=No"}, nil, false},
	} {
		from, takes := Personality.NotifyFrom(newPhone(t, test.settings...).Device, test.user)
		if takes != test.takes || (from == nil) != (test.from == nil) || from != nil && *from != *test.from {
			t.Errorf("%s: from %v, %v, want %v, %v", test.rule, from, takes, test.from, test.takes)
		}
	}
}
