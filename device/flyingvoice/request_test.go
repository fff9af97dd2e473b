package flyingvoice

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/resync"
)

// Where the device looks, by settings and lease (FV-SRC, FV-RULE, FV-MAC-9).
func TestWhereTheDeviceLooks(t *testing.T) {
	tests := []struct {
		rule     string
		settings []string
		option66 string
		want     string // the URL, or the outcome where nothing is asked
	}{
		{"FV-SRC-1 option 66 wins over Profile Rule", []string{"Profile Rule=http://other.example.com/x.conf"}, "192.0.2.1", "tftp://192.0.2.1/IP542N.conf"},
		{"FV-SRC-1 no option in the lease, no fall-back", []string{"Profile Rule=http://other.example.com/x.conf"}, "", "no-server"},
		{"FV-SRC-2 option 66 off", []string{"Option 66=0", "Profile Rule=http://h.example.com/x.conf", "Config File Name=y.conf"}, "192.0.2.1", "http://h.example.com/x.conf"},
		{"FV-SRC-3 a name and a port", nil, "prov.example.com:6969", "tftp://prov.example.com:6969/IP542N.conf"},
		{"FV-SRC-4 a URL with a directory", nil, "http://prov.example.com/fv/", "http://prov.example.com/fv/IP542N.conf"},
		{"FV-SRC-4 a URL with a file", nil, "https://prov.example.com/a.conf", "https://prov.example.com/a.conf"},
		{"FV-SRC-4 trailing NULs and blanks", nil, "192.0.2.1 \x00\x00", "tftp://192.0.2.1/IP542N.conf"},
		{"FV-RULE-3 no scheme, no host", []string{"Option 66=0", "Profile Rule=/cfg/$MA.conf"}, "192.0.2.1:1069", "tftp://192.0.2.1:1069/cfg/0021f2011b19.conf"},
		{"FV-RULE-3 no host and a URL in the lease", []string{"Option 66=0", "Profile Rule=/x"}, "http://192.0.2.1:8080/d/", "tftp://192.0.2.1/x"},
		{"FV-RULE-3 no host known", []string{"Option 66=0", "Profile Rule=/x"}, "", "no-server"},
		{"FV-SRC-6 an address of no server", nil, "0.0.0.0", "no-server"},
		{"FV-SRC-6 a value in quotation marks", nil, `"192.0.2.1"`, "bad-rule"},
		{"FV-RULE-7 an empty rule is no failure", []string{"Option 66=0"}, "", "unchanged"},
		{"FV-RULE-7 a blank rule is no failure", []string{"Option 66=0", "Profile Rule= "}, "", "unchanged"},
		{"FV-MAC-9 macros in Config File Name", []string{"Config File Name=$(MAU:6)-$SWVER.cfg"}, "192.0.2.1", "tftp://192.0.2.1/011B19-v3.3.8.cfg"},
		{"FV-MAC-9 macros in option 66", nil, "http://192.0.2.1/$PN/", "http://192.0.2.1/IP542N/IP542N.conf"},
		{"FV-SRC-5 the address is known", []string{"Option 66=0", "Profile Rule=http://h.example.com/$IP"}, "", "http://h.example.com/192.0.2.10"},
		{"FV-RULE-2 a value cannot make a host", []string{"Option 66=0", "Profile Rule=http://$(PN)/x"}, "", "http://IP542N/x"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			p := newPhone(t, tt.settings...)
			p.lease.Offer = device.TextOffer(66, tt.option66)
			got := p.boot()
			if len(p.asked) > 0 {
				got = p.asked[0].URL()
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A rule that does not parse is stored like any other text, and fails with words
// when it is used. Its secrets stay where they are.
func TestBadRule(t *testing.T) {
	for _, rule := range []string{"[--key s3cret http://h/x", "http://u:s3cret@h:99999/x", "gopher://h/x", "http://h$(HWVER:0:0) x/x"} {
		p := newPhone(t, "Option 66=0", "Profile Rule="+rule)
		if got := p.boot(); got != "bad-rule" || len(p.asked) > 0 || p.said("s3cret") {
			t.Errorf("%s: outcome %s, asked %v, events %q", rule, got, p.asked, p.log)
		}
	}
	p := newPhone(t).file("DBID_DBASE_VERSION=1\nDBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=[--key s3cret http://h/x\n")
	p.boot()
	p.wait(2 * time.Hour)
	if got := p.outcome(); got != "bad-rule" || p.said("s3cret") {
		t.Errorf("a bad rule in a file: outcome %s, events %q", got, p.log)
	}
}

// What the request carries besides its URL.
func TestRequest(t *testing.T) {
	p := newPhone(t, "Option 66=0", "Profile Rule=https://ann:s3cret@h.example.com/x", "Upgrade Rule=http://h.example.com/fw.bin")
	p.boot()
	profile, firmware := p.asked[0], p.asked[1]
	if profile.User != "ann" || profile.Password != "s3cret" || strings.Contains(profile.URL(), "ann") {
		t.Errorf("credentials %q %q, URL %s", profile.User, profile.Password, profile.URL())
	}
	if want := "Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19"; profile.UserAgent() != want { // FV-HTTP-1
		t.Errorf("User-Agent %q, want %q", profile.UserAgent(), want)
	}
	if profile.Limit != 1<<20 || firmware.Limit != 64<<20 { // FV-NET-1
		t.Errorf("limits %d and %d, want 1 MiB and 64 MiB", profile.Limit, firmware.Limit)
	}

	p = newPhone(t)
	p.Model().Agent = "Test $PN/$MA"
	p.boot()
	if got := p.asked[0].UserAgent(); got != "Test IP542N/0021f2011b19" {
		t.Errorf("replaced User-Agent %q", got)
	}
}

// FV-RS-1: with Provision Enable off, a person who asks is told why nothing happens.
func TestProvisionDisabled(t *testing.T) {
	p := newPhone(t, "Provision Enable=0")
	p.boot()
	p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if len(p.asked) > 0 || !p.said("Provision Enable is off") {
		t.Errorf("asked %v, events %q", p.asked, p.log)
	}
}

// A stored value that is out of its range, such as one of a newer version,
// counts as not stored, and is journalled.
func TestStoredValueOutOfRange(t *testing.T) {
	p := newPhone(t, "Resync Periodic=often", "Option 66=2")
	p.boot()
	if p.outcome() != "not-found" || !p.said(`stored Resync Periodic: found "often"`) || !p.said("stored Option 66") {
		t.Errorf("events %q", p.log)
	}
}

func TestQuirks(t *testing.T) {
	with := func(quirks ...string) device.Quirks {
		q, err := Personality.ParseQuirks(quirks)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	boot := func(q device.Quirks, settings ...string) *phone {
		p := newPhone(t, settings...)
		p.Model().Quirks = q
		p.boot()
		return p
	}
	rescan := []string{"Option 66=0", "Profile Rule=http://h/$$MAU"}
	if got := boot(nil, rescan...).asked[0].Path; got != "/$MAU" {
		t.Errorf("FV-MAC-4: $$MAU gives %s", got)
	}
	if got := boot(with("dollar-rescan"), rescan...).asked[0].Path; got != "/$0021F2011B19" {
		t.Errorf("FV-MAC-4 dollar-rescan: $$MAU gives %s", got)
	}
	if got := boot(nil, "Resync Error Retry Delay=60,120").Deadline().String(); got != "1h0m0s" {
		t.Errorf("FV-SET-2: a list leads to a retry at %s, want the default", got)
	}
	if got := boot(with("delay-lists"), "Resync Error Retry Delay=60,120").Deadline().String(); got != "1m0s" {
		t.Errorf("FV-SET-2 delay-lists: retry at %s, want 1m0s", got)
	}
	tls := boot(with("tls-no-verify", "tls-no-hostname=on")).asked[0].TLS
	if !tls.AnyChain || !tls.AnyName {
		t.Errorf("FV-TLS-1: the request has %+v", tls)
	}
	if boot(nil).asked[0].TLS.AnyChain {
		t.Error("FV-TLS-1: verification is off without the quirk")
	}
	p := boot(with("forced-resync=deadline"), "Resync Error Retry Delay=60", "Forced Resync Delay=100")
	p.tell(device.Input{Kind: device.SetLine, Line: 1, Active: true})
	p.wait(160 * time.Second)
	if len(p.asked) != 2 {
		t.Errorf("FV-RS-8: %d requests by the deadline of the second, want 2", len(p.asked))
	}
	for _, bad := range []string{"dollar-rescam", "forced-resync=dedline", "forced-resync", "tls-no-verify=yes"} {
		if _, err := Personality.ParseQuirks([]string{bad}); err == nil || !strings.Contains(err.Error(), "unknown") {
			t.Errorf("quirk %s: %v, want an error that says unknown", bad, err)
		}
	}
}

// The defaults of FV-SET-1, and none that its own type refuses.
func TestParameterDefaults(t *testing.T) {
	want := map[string]string{
		"Provision Enable": "1", "Resync On Reset": "1", "Resync Random Delay": "40", "Resync Periodic": "3600",
		"Resync Error Retry Delay": "3600", "Forced Resync Delay": "14400", "Resync After Upgrade": "1",
		"Option 66": "1", "Config File Name": "$PN.conf", "Profile Rule": "", "Upgrade Enable": "1",
		"Upgrade Error Retry Delay": "3600", "Upgrade Rule": "",
	}
	for p := range Personality.Parameters.All() {
		if p.Meaning == "" || p.Source == "" {
			t.Errorf("%s has no meaning or source", p.Name)
		}
		if p.Web == "" {
			continue
		}
		if p.Default != want[p.Web] {
			t.Errorf("%s: default %q, want %q", p.Web, p.Default, want[p.Web])
		}
		if err := check(nil, p, p.Default); err != nil {
			t.Errorf("%s does not take its own default: %v", p.Web, err)
		}
		delete(want, p.Web)
	}
	if len(want) > 0 {
		t.Errorf("settings of FV-SET-1 that are not in the table: %v", want)
	}
}
