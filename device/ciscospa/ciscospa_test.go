package ciscospa

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// The first vector: what a phone from the box asks for.
func TestFirstRequest(t *testing.T) {
	for _, test := range []struct {
		rule, product string
		settings      []string
		options       []string
		want          string
	}{
		{"SPA-SRC-1 the factory rule", "SPA504G", nil, []string{"66", "10.0.0.5"}, "tftp://10.0.0.5/spa504G.cfg"},
		{"SPA-SRC-1 PSN keeps its case", "SPA525G2", nil, []string{"66", "10.0.0.5"}, "tftp://10.0.0.5/spa525G2.cfg"},
		{"SPA-SRC-1 the adapter's own", "PAP2T", nil, []string{"66", "10.0.0.5"}, "tftp://10.0.0.5/init.cfg"},
		{"SPA-SRC-2 a port", "SPA504G", nil, []string{"66", "10.0.0.5:6969"}, "tftp://10.0.0.5:6969/spa504G.cfg"},
		{"SPA-SRC-2 the rule's own server", "SPA504G", []string{"Profile_Rule=http://a/x"}, []string{"66", "10.0.0.5"}, "http://a/x"},
		{"SPA-SRC-3 a URL replaces the rule", "SPA504G", nil, []string{"66", "http://10.0.0.5:8667/spa$PSN.cfg"}, "http://10.0.0.5:8667/spa504G.cfg"},
		{"SPA-SRC-3 the URL of a directory", "SPA504G", nil, []string{"66", "http://10.0.0.5:8667/"}, "http://10.0.0.5:8667/spa504G.cfg"},
		{"SPA-SRC-3 and not one with a server", "SPA504G", []string{"Profile_Rule=http://a/x"}, []string{"66", "http://10.0.0.5/y"}, "http://a/x"},
		{"SPA-SRC-4 the order", "SPA504G", nil, []string{"66", "10.0.0.66", "160", "10.0.0.160"}, "tftp://10.0.0.66/spa504G.cfg"},
		{"SPA-SRC-4 the next", "SPA504G", nil, []string{"159", "10.0.0.159", "160", "10.0.0.160"}, "tftp://10.0.0.160/spa504G.cfg"},
		{"SPA-SRC-4 a list of addresses", "SPA504G", nil, []string{"150", "0x0a0000060a000007"}, "tftp://10.0.0.6/spa504G.cfg"},
		{"SPA-SRC-4 another order", "SPA504G", []string{"DHCP_Option_To_Use=150,66"}, []string{"150", "0x0a000006", "66", "10.0.0.5"}, "tftp://10.0.0.6/spa504G.cfg"},
		{"SPA-SRC-4 Linksys reads 66 alone", "SPA942", nil, []string{"160", "10.0.0.160"}, ""},
		{"SPA-SRC-5 no option", "SPA504G", nil, []string{"3", "0x0a000001"}, ""},
		{"SPA-SRC-6 no other service is asked", "SPA504G", []string{"Profile_Rule="}, []string{"66", "10.0.0.5"}, ""},
		{"SPA-RULE-2 a value that expands into a rule", "SPA504G", []string{"GPP_A=http://a/x | http://b/y", "Profile_Rule=$A"}, []string{"66", "10.0.0.5"}, "http://a/x"},
		{"SPA-RULE-2 an unknown name stays", "SPA504G", []string{"Profile_Rule=http://a/spa$STRANGE"}, []string{"66", "10.0.0.5"}, "http://a/spa$STRANGE"},
		{"SPA-RULE-2 keys are not for other parts", "SPA504G", []string{"GPP_SA=hunter2", "Profile_Rule=http://a/$SA"}, []string{"66", "10.0.0.5"}, "http://a/$SA"},
		{"SPA-MAC-2 macros in the option of a lease", "SPA504G", nil, []string{"66", "http://10.0.0.5/$MA/"}, "http://10.0.0.5/000e08aabbcc/spa504G.cfg"},
		{"vector 2", "SPA504G", []string{"Profile_Rule=($SWVER lt 7.4.8)? http://a/old.cfg | [--uid u --pwd p]http://a/$MA.xml"}, []string{"66", "10.0.0.5"}, "http://a/000e08aabbcc.xml"},
		{"vector 3", "SPA504G", []string{"Profile_Rule=( ! 7.5.5 )? http://a/x"}, []string{"66", "10.0.0.5"}, ""},
		{"vector 3", "SPA504G", []string{`Profile_Rule=("$A" ne "")? http://a/x`}, []string{"66", "10.0.0.5"}, ""},
	} {
		id := shipped
		id.Product, id.MAC, id.Serial = test.product, examplePhone, "CCQ162306EA"
		p := newPhoneOf(t, id, nil, test.settings...).offer(test.options...)
		p.boot()
		if got := p.urls(); got != test.want {
			t.Errorf("%s: asked %q, want %q", test.rule, got, test.want)
		}
	}
}

func TestRequests(t *testing.T) {
	p := newPhone(t)
	p.boot()
	if r := p.asked[0]; !r.Slash || r.Path != "/spa504G.cfg" || r.UserAgent() != "Cisco/SPA504G-7.5.5 (000E08AABBCC)(CCQ162306EA)" {
		t.Errorf("SPA-SRC-2, SPA-ID-2: path %s, slash %v, agent %s", r.Path, r.Slash, r.UserAgent())
	}
	p = newPhone(t)
	p.Model().Agent = "Test $PN/$MA"
	p.boot()
	if got := p.asked[0].UserAgent(); got != "Test SPA504G/000e08aabbcc" {
		t.Errorf("the macros of a User-Agent give %s", got)
	}
	p = newPhone(t, "Profile_Rule=[--uid $A --pwd p-$MA]https://a/x", "GPP_A=ann")
	p.boot()
	if r := p.asked[0]; r.User != "ann" || r.Password != "p-000e08aabbcc" || !r.TLS.CommonName || r.TLS.AnyChain {
		t.Errorf("SPA-RULE-6, SPA-ID-5: user %q, password %q, %+v", r.User, r.Password, r.TLS)
	}
	p = newPhone(t, "Profile_Rule=[--post f]http://a/q?", "GPP_F=m=$MA")
	p.boot()
	if r := p.asked[0]; r.Method != device.Post || string(r.Body()) != "m=000e08aabbcc" || r.URL() != "http://a/q?" {
		t.Errorf("SPA-RULE-6: %v %s %q", r.Method, r.URL(), r.Body())
	}
	p.files["http://a/q?"] = flat("GPP_A=1")
	p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if p.outcome() != "applied" || p.setting("GPP_A") != "1" {
		t.Errorf("SPA-RULE-6: the answer to a post comes to %s", p.outcome())
	}
	p = newPhone(t, "Profile_Rule=[--post f]tftp://a/q")
	if got := p.boot(); got != "bad-rule" || len(p.asked) > 0 {
		t.Errorf("SPA-RULE-6: a post over tftp comes to %s", got)
	}
	q, err := Personality.ParseQuirks([]string{"tls-no-verify", "tls-no-hostname"})
	if err != nil {
		t.Fatal(err)
	}
	id := shipped
	id.MAC = examplePhone
	p = newPhoneOf(t, id, q, "Profile_Rule=https://a/x")
	p.boot()
	if r := p.asked[0]; !r.TLS.AnyChain || !r.TLS.AnyName {
		t.Errorf("SPA-ID-5: the quirks give %+v", r.TLS)
	}
}

func TestIdentity(t *testing.T) {
	for _, test := range []struct{ product, version, agent, option60 string }{ // SPA-ID-2, SPA-ID-3
		{"SPA942", "6.1.5(a)", "Linksys/SPA-942-6.1.5(a) (88019FA42805)", "LINKSYS SPA-942"},
		{"SPA504G", "7.4.9c", "Cisco/SPA504G-7.4.9c (000E08AABBCC)(88019FA42805)", "Cisco SPA504G"},
		{"SPA525G", "7.4.9", "Cisco/SPA525G-7.4.9 (88019FA42805)", "Cisco SPA525g"},
		{"SPA112", "1.3.5(004p)", "Cisco/SPA112-1.3.5(004p) (000E08AABBCC)(88019FA42805)", "CISCO SPA112"},
		{"SPA8000", "6.1.11", "Linksys/SPA8000-6.1.11 (88019FA42805)", "LINKSYS SPA8000"},
		{"SPA2102", "5.2.13", "Linksys/SPA2102-5.2.13 (88019FA42805)", ""},
	} {
		id := device.Identity{MAC: examplePhone, Product: test.product, Software: test.version, Serial: "88019FA42805"}
		if got := userAgent(id); got != test.agent {
			t.Errorf("%s says %s, want %s", test.product, got, test.agent)
		}
		if got := dhcp(id).Class; got != test.option60 {
			t.Errorf("%s has the class %s, want %s", test.product, got, test.option60)
		}
	}
	if !Personality.Owns(examplePhone) { // SPA-ID-1
		t.Error("the phone of the examples is not the vendor's")
	}
	for product, want := range map[string]string{"SPA504G": "504G", "SPA525G2": "525G2", "SPA112": "112", "SPA2102": "2102", "PAP2T": "PAP2T"} {
		if got := psn(product); got != want {
			t.Errorf("SPA-ID-1: PSN of %s is %s, want %s", product, got, want)
		}
	}
	if got := Personality.Serial(examplePhone); len(got) != len("CCQ162306EA") {
		t.Errorf("the serial number is %s", got)
	}
}

func TestVariables(t *testing.T) { // SPA-MAC-1
	v := &vars{
		Vars:   device.Vars{Identity: device.Identity{MAC: examplePhone, Product: "SPA504G", Serial: "CCQ162306EA", Software: "7.5.5", Hardware: "1.0.2"}},
		config: config(t, "GPP_A=a", "GPP_P=p", "GPP_SA=secret"), cause: resync.Retry, url: "http://h:8080/d/x?y", note: "corrupt file",
	}
	for name, want := range map[string]string{
		"MA": "000e08aabbcc", "MAU": "000E08AABBCC", "MAC": "00:0e:08:aa:bb:cc", "PN": "SPA504G", "PSN": "504G", "SN": "CCQ162306EA",
		"SWVER": "7.5.5", "HWVER": "1.0.2", "IP": "", "EXTIP": "", "CCERT": "Not Installed", "A": "a", "P": "p", "B": "", "PRVST": "2",
		"SCHEME": "http", "METH": "http", "SERV": "h", "SERVIP": "h", "PORT": "8080", "PATH": "/d/x?y", "ERR": "corrupt file",
		"UPGST": "", "UPGCOND": "", "PRVTMR": "0", "UPGTMR": "0", "REGTMR1": "0", "REGTMR2": "0", "UPGERR": "", "UID1": "", "UID2": "", "ISCUST": "0",
	} {
		if got, ok := v.Lookup(name); !ok || got != want {
			t.Errorf("$%s is %q, %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"Q", "a", "SA", "SE", "STRANGE", ""} {
		if value, ok := v.Lookup(name); ok {
			t.Errorf("$%s is %q, want no variable", name, value)
		}
	}
	v.keys, v.client, v.url = true, true, "tftp://h/x"
	for name, want := range map[string]string{"SA": "secret", "CCERT": "Installed", "PORT": "69"} {
		if got, _ := v.Lookup(name); got != want {
			t.Errorf("$%s is %q, want %q", name, got, want)
		}
	}
	for cause, want := range map[resync.Cause]string{resync.AtBoot: "0", resync.Periodic: "1", resync.Person: "-1", resync.Notify: "-1"} {
		v.cause = cause
		if got, _ := v.Lookup("PRVST"); got != want {
			t.Errorf("after %v $PRVST is %s, want %s", cause, got, want)
		}
	}
	if got := macro.Expand("$(PN:3)-$$A", v, macro.Sipura); got != "504G-$A" {
		t.Errorf("FV-MAC: %s", got)
	}
}

func config(t *testing.T, settings ...string) profile.Config {
	t.Helper()
	c, err := grammar.Parse([]byte(flat(settings...)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The seventh vector, and what else a file may be (SPA-FMT-1, SPA-ENC-1 to 3).
func TestOpen(t *testing.T) {
	sealed, err := base64.StdEncoding.DecodeString("U2FsdGVkX18BAgMEBQYHCHWKCvED0lPDk1O5nLqcBXcZMyghwUYpvgfd3bQmOWv2YACUTLNDaqkMWI+UqX9RiMflKGjoRxl5VgwzG6wdi+7C33Et/78YgAiL0ovcHa8E")
	if err != nil {
		t.Fatal(err)
	}
	plain := "<flat-profile><Resync_Periodic>30</Resync_Periodic></flat-profile>\n"
	seal := func(cipher int, text string) string {
		out, err := encrypt.Ciphers()[cipher].Encrypt(nil, []byte(text), "SecretPhrase", encrypt.Entropy{1, 2, 3, 4, 5, 6, 7, 8})
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if seal(0, plain) != string(sealed) {
		t.Error("vector 7: sealing gives another file")
	}
	for _, test := range []struct {
		rule, key, body, want, note string
	}{
		{"SPA-FMT-1 XML", "", plain, "30", ""},
		{"SPA-FMT-1 inflate", "", packed(plain), "30", ""},
		{"SPA-FMT-1 decrypt", "SecretPhrase", string(sealed), "30", ""},
		{"SPA-ENC-1 gzip first, then encrypt", "SecretPhrase", seal(0, packed(plain)), "30", ""},
		{"SPA-FMT-1 compiled", "", "\x01\x02SPC", "corrupt", "the file is not XML"},
		{"SPA-ENC-1 without a key", "", string(sealed), "corrupt", "the rule has no --key"},
		{"SPA-ENC-3 a plain file", "SecretPhrase", plain, "bad-key", "is not encrypted"},
		{"SPA-ENC-3 a compressed file", "SecretPhrase", packed(plain), "bad-key", "is not encrypted"},
		{"SPA-ENC-2 made with -S by OpenSSL 3", "SecretPhrase", string(sealed[16:]), "corrupt", "does not begin with Salted__"},
		{"SPA-ENC-2 made without -md md5", "SecretPhrase", seal(1, plain), "bad-key", "-md md5"},
		{"SPA-ENC-1 a wrong key", "another", string(sealed), "bad-key", ""},
		{"SPA-ENC-1 a file of another kind inside", "SecretPhrase", seal(0, "hello"), "bad-key", "not a profile"},
		{"§10 damaged", "", packed(plain)[:30], "corrupt", "damaged"},
		{"§10 unparsable", "", "<flat-profile><A>", "corrupt", "ends inside an element"},
		{"§10 HTML", "", "<html></html>", "corrupt", "HTML"},
		{"a bomb", "", packed(strings.Repeat(" ", 1<<21)), "too-large", ""},
		{"an encrypted bomb", "SecretPhrase", seal(0, packed("<"+strings.Repeat(" ", 1<<21))), "too-large", ""},
		{"blanks", "", " \n", "empty", ""},
		{"nothing", "", "", "empty", ""},
	} {
		key := ""
		if test.key != "" {
			key = "[--key $SA]"
		}
		p := newPhone(t, "GPP_SA="+test.key, "Profile_Rule="+key+"http://a/x")
		p.files["http://a/x"] = test.body
		got := p.boot()
		if got == "applied" {
			got = p.setting("Resync_Periodic")
		}
		if got != test.want || !p.said(test.note) {
			t.Errorf("%s: %s, want %s with %q\n%s", test.rule, got, test.want, test.note, strings.Join(p.log, "\n"))
		}
		if p.said("SecretPhrase") {
			t.Errorf("%s: the journal shows the key", test.rule)
		}
	}
}

func packed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func TestFormat(t *testing.T) {
	for _, test := range []struct {
		rule, body, name, want string
	}{
		{"SPA-FMT-2 an attribute", `<flat-profile><User_ID_1_ ua="na" group="x">1</User_ID_1_></flat-profile>`, "User_ID_1_", "1"},
		{"SPA-FMT-2 another root beside it", `<router-configuration><WAN/></router-configuration><flat-profile><User_ID_2_>1</User_ID_2_></flat-profile>`, "User_ID_2_", "1"},
		{"SPA-FMT-2 case", `<flat-profile><user_id_1_>1</user_id_1_></flat-profile>`, "User_ID_1_", ""},
		{"SPA-FMT-2 a hyphen", `<flat-profile><Auth_Resync-Reboot_1_>No</Auth_Resync-Reboot_1_></flat-profile>`, "Auth_Resync-Reboot_1_", "No"},
		{"SPA-FMT-3 twice", `<flat-profile><GPP_A>1</GPP_A><GPP_A>2</GPP_A></flat-profile>`, "GPP_A", "2"},
		{"SPA-FMT-3 not mentioned", `<flat-profile/>`, "GPP_B", "before"},
		{"SPA-FMT-3 an empty text", `<flat-profile><GPP_B/></flat-profile>`, "GPP_B", ""},
		{"SPA-FMT-3 an empty number", `<flat-profile><Resync_Periodic/></flat-profile>`, "Resync_Periodic", "3600"},
		{"SPA-FMT-3 an empty switch", `<flat-profile><Register_1_></Register_1_></flat-profile>`, "Register_1_", "Yes"},
		{"a value out of its range", `<flat-profile><Resync_Periodic>hourly</Resync_Periodic></flat-profile>`, "Resync_Periodic", "77"},
	} {
		p := newPhone(t, "GPP_B=before", "Resync_Periodic=77")
		p.files["tftp://10.0.0.5/spa504G.cfg"] = test.body
		if p.boot(); p.setting(test.name) != test.want {
			t.Errorf("%s: %s is %q, want %q", test.rule, test.name, p.setting(test.name), test.want)
		}
	}
	for web, want := range map[string]string{"User ID[1]": "User_ID_1_", "Resync At (HHmm)": "Resync_At__HHmm_", "Auth Resync-Reboot[1]": "Auth_Resync-Reboot_1_"} {
		if got := elementName(web); got != want {
			t.Errorf("SPA-FMT-2: %s is %s, want %s", web, got, want)
		}
	}
}

func TestAliases(t *testing.T) { // SPA-RULE-6
	p := newPhone(t, "Profile_Rule=[--alias a]http://a/x", "GPP_A=/Other/Accounts/Name = /flat-profile/User_ID_1_ ; /Other/Rest = /flat-profile ; bad ; /Other/Accounts = /flat-profile")
	p.files["http://a/x"] = "<Other><Accounts><Name>100</Name><Password_1_>x</Password_1_></Accounts><Rest><GPP_B>b</GPP_B></Rest><GPP_C>c</GPP_C></Other>"
	if got := p.boot(); got != "applied" {
		t.Fatal(got, p.log)
	}
	for name, want := range map[string]string{"User_ID_1_": "100", "Password_1_": "x", "GPP_B": "b", "GPP_C": ""} {
		if got := p.setting(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if list := readAliases(strings.Repeat("/a=/b;", 31)); len(list) != mostAliases {
		t.Errorf("%d aliases, want %d", len(list), mostAliases)
	}
}

// Which changed values need a restart is data (SPA-CHG-2).
func TestRestart(t *testing.T) {
	for name, restarts := range map[string]bool{"Proxy_1_=a": true, "VLAN_ID=2": true, "GPP_A=1": false, "Text_Logo=x": false} {
		p := newPhone(t)
		p.files["tftp://10.0.0.5/spa504G.cfg"] = flat(name)
		p.boot()
		if p.said("reboot") != restarts || p.said("resync.done applied") != true {
			t.Errorf("%s: %q", name, p.log)
		}
	}
}

// A new Upgrade_Rule that needs no restart is looked at when the resync has ended
// (SPA-UP-1).
func TestNewUpgradeRule(t *testing.T) {
	p := newPhone(t)
	p.files["tftp://10.0.0.5/spa504G.cfg"] = flat("Upgrade_Rule=http://10.0.0.5/spa504G-7-6-2.bin")
	p.files["http://10.0.0.5/spa504G-7-6-2.bin"] = "image"
	if p.boot(); !p.said("upgrade.done applied") || p.saved.Software != "7.6.2" {
		t.Errorf("%q", p.log)
	}
}

func TestResyncAt(t *testing.T) { // SPA-TRG
	p := newPhone(t, "Resync_At__HHmm_=0330", "Resync_At_Random_Delay=600", "Resync_Periodic=60")
	p.files["tftp://10.0.0.5/spa504G.cfg"] = flat()
	p.boot()
	if due := p.Deadline(); due < 3*time.Hour+30*time.Minute || due > 3*time.Hour+40*time.Minute {
		t.Errorf("the next resync is due at %v, want 03:30 to 03:40", due)
	}
	hhmm, _ := Personality.Parameters.Named("Resync_At__HHmm_")
	for text, ok := range map[string]bool{"0000": true, "2359": true, "": true, "2400": false, "1260": false, "330": false, "03:30": false, "x": false} {
		if err := hhmm.Check(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The first attempt waits up to 2 times 20 s, no other (SPA-TRG).
func TestRandomDelay(t *testing.T) {
	spread := vendor.Boot(newPhone(t, "Resync_Random_Delay=2").Model(), config(t)).Timers().Jobs[0].Spread
	if spread != 40*time.Second {
		t.Errorf("the default spread is %v, want 40s", spread)
	}
}

func TestNotify(t *testing.T) { // SPA-TRG-2
	for event, want := range map[string]device.InputKind{
		"resync": device.AskResync, "check-sync;reboot=false": device.AskResync, "reboot_now": device.AskReboot,
		"restart_now": device.AskReboot, "report": device.AskReport,
	} {
		if got, ok := Personality.Notify(profile.Config{}, event); !ok || got != want {
			t.Errorf("%s asks for %v, %v", event, got, ok)
		}
	}
	if _, ok := Personality.Notify(profile.Config{}, "presence"); ok {
		t.Error("presence is taken")
	}
}

func TestReport(t *testing.T) { // SPA-REP-1
	for _, test := range []struct {
		rule   string
		quirks []string
		want   string
	}{
		{"http://a/$MA.xml", nil, "post http://a/000e08aabbcc.xml"},
		{"http://a/$MA.xml", []string{"report-put"}, "write http://a/000e08aabbcc.xml"},
		{"tftp://a/r.xml", nil, "write tftp://a/r.xml"},
		{"[--key hunter2]tftp://a/r.xml", nil, "write tftp://a/r.xml"},
		{"[--delta]tftp://a/r.xml", nil, "write tftp://a/r.xml"},
		{"", nil, "bad-rule"},
		{"htp://a/x", nil, "bad-rule"},
		{"https://0.0.0.0/x", nil, "no-server"},
	} {
		q, err := Personality.ParseQuirks(test.quirks)
		if err != nil {
			t.Fatal(err)
		}
		id := shipped
		id.MAC = examplePhone
		p := newPhoneOf(t, id, q, "Report_Rule="+test.rule, "GPP_A=a<b", "Password_1_=hunter2")
		p.boot()
		p.asked = nil
		p.files["http://a/000e08aabbcc.xml"], p.files["tftp://a/r.xml"] = "ok", "ok"
		p.tell(device.Input{Kind: device.AskReport, Cause: resync.Notify})
		if len(p.asked) == 0 {
			if got := p.outcome(); got != test.want {
				t.Errorf("%s: %s, want %s", test.rule, got, test.want)
			}
			continue
		}
		r := p.asked[0]
		if got := fmt.Sprintf("%v %s", r.Method, r.URL()); got != test.want || p.outcome() != "sent" || r.Class != device.StatusClass {
			t.Errorf("%s: %s, %s, want %s", test.rule, got, p.outcome(), test.want)
		}
		body := r.Body()
		if strings.HasPrefix(test.rule, "[--key") {
			if body, err = p.Model().Cipher.Decrypt(nil, body, "hunter2"); err != nil {
				t.Fatal(err)
			}
		}
		c, err := grammar.Parse(body)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if a, _ := c.Get("GPP_A"); a != "a<b" || bytes.Contains(body, []byte("hunter2")) {
			t.Errorf("%s: the report is\n%s", test.rule, body)
		}
		if _, whole := c.Get("Time_Zone"); whole == strings.HasPrefix(test.rule, "[--delta") {
			t.Errorf("%s: with defaults: %v", test.rule, whole)
		}
	}
}

// A report that fails is not repeated, and the resync goes on as it was (SPA-REP-1).
func TestReportIsNotRepeated(t *testing.T) {
	p := newPhone(t, "Report_Rule=http://a/x")
	p.files["tftp://10.0.0.5/spa504G.cfg"] = flat()
	p.boot()
	due := p.Deadline()
	p.tell(device.Input{Kind: device.AskReport, Cause: resync.Notify})
	if p.outcome() != "not-found" || p.Deadline() != due {
		t.Errorf("%s, next at %v, want %v", p.outcome(), p.Deadline(), due)
	}
}

func TestMessage(t *testing.T) { // SPA-LOG-1, SPA-LOG-2
	p := newPhone(t, "Syslog_Server=192.0.2.9:5514", "Log_Upgrade_Request_Msg=")
	p.boot()
	for _, test := range []struct {
		event device.Event
		want  string
	}{
		{device.Event{Kind: device.ResyncStart, URL: "tftp://10.0.0.5/x"}, "SPA504G 00:0e:08:aa:bb:cc -- Requesting resync tftp://10.0.0.5:69/x"},
		{device.Event{Kind: device.ResyncDone, URL: "tftp://10.0.0.5/x", Outcome: resync.Unchanged}, "SPA504G 00:0e:08:aa:bb:cc -- Successful resync tftp://10.0.0.5:69/x -- "},
		{device.Event{Kind: device.ResyncDone, URL: "tftp://10.0.0.5/x", Outcome: resync.Corrupt}, "SPA504G 00:0e:08:aa:bb:cc -- Resync failed: corrupt file"},
		{device.Event{Kind: device.ResyncDone, URL: "http://10.0.0.5/x", Outcome: resync.NotFound}, "SPA504G 00:0e:08:aa:bb:cc -- Resync failed: http_get failed"},
		{device.Event{Kind: device.UpgradeDone, URL: "http://10.0.0.5/x", Outcome: resync.Applied, Version: "7.6.2"}, "SPA504G 00:0e:08:aa:bb:cc -- Successful upgrade http://10.0.0.5:80/x -- 7.6.2"},
		{device.Event{Kind: device.UpgradeDone, URL: "tftp://10.0.0.5/x", Outcome: resync.Timeout}, "SPA504G 00:0e:08:aa:bb:cc -- Upgrade failed: timeout"},
		{device.Event{Kind: device.UpgradeStart, URL: "tftp://10.0.0.5/x"}, ""},
		{device.Event{Kind: device.Rebooting}, ""},
	} {
		if server, text := message(p.Device, &test.event); text != test.want || (server == "") != (text == "") {
			t.Errorf("%v: %q to %q, want %q", test.event.Kind, text, server, test.want)
		}
	}
	quiet := newPhone(t)
	if server, text := message(quiet.Device, &device.Event{Kind: device.ResyncDone}); server != "" || text != "" {
		t.Errorf("without a server: %q to %q", text, server)
	}
}

// What a rule may be tried with, outcome by outcome (§10).
func TestFailures(t *testing.T) {
	for _, test := range []struct{ outcome string }{{"not-found"}, {"unauthorized"}, {"http-status"}, {"timeout"}, {"refused"}, {"tls-untrusted"}, {"dns"}} {
		p := newPhone(t, "Profile_Rule_B=http://a/b")
		p.files["tftp://10.0.0.5/spa504G.cfg"] = test.outcome
		if got := p.boot(); got != test.outcome || len(p.asked) != 1 {
			t.Errorf("%s comes to %s after %d requests", test.outcome, got, len(p.asked))
		}
		if due := p.Deadline(); due != time.Hour {
			t.Errorf("%s: the retry is due at %v, want 1h", test.outcome, due)
		}
	}
}

func TestProvisionEnableOff(t *testing.T) {
	p := newPhone(t, "Provision_Enable=No")
	p.boot()
	p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if p.wait(48 * time.Hour); len(p.asked) > 0 {
		t.Errorf("asked %s", p.urls())
	}
}

// Defaults are values that the parameter takes, and what a boot reads of them is
// whole.
func TestDefaults(t *testing.T) {
	for p := range Personality.Parameters.All() {
		if err := p.Check(p.Default); err != nil && p.Default != "" {
			t.Errorf("%s: its default %q: %v", p.Name, p.Default, err)
		}
	}
	f := vendor.Boot(newPhone(t).Model(), profile.Config{})
	if w := f.Warnings(); w != nil {
		t.Errorf("warnings of the defaults: %q", w)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(flat("GPP_A=1")), "", "")
	f.Add([]byte(packed(flat("GPP_A=1"))), "", "/x=/flat-profile;")
	f.Add([]byte("Salted__12345678aaaaaaaaaaaaaaaa"), "key", "")
	f.Fuzz(func(t *testing.T, body []byte, key, aliases string) {
		o := &opener{keyed: key != "", key: key, aliases: aliases, limit: 1 << 16, cipher: encrypt.Ciphers()[0]}
		file := o.open(body)
		if file.Fault.Outcome.Success() || file.Fault.Outcome != resync.None && file.Fault.Note == "" {
			t.Errorf("the outcome is %v: %s", file.Fault.Outcome, file.Fault.Note)
		}
	})
}

func TestParseErrorsAreKnown(t *testing.T) {
	for _, body := range []string{"", "x", "<a/>"} {
		if _, err := Personality.Parse([]byte(body)); !errors.Is(err, profile.ErrEmpty) && !errors.Is(err, profile.ErrCorrupt) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// A rule that sets what its condition asks for is still opened as the alternative that
// was taken says (SPA-RULE-3, SPA-RULE-4).
func TestRuleThatSetsItsOwnCondition(t *testing.T) {
	p := newPhone(t, `Profile_Rule=("$A" ne "done")? (a="done")! [--key k3y]http://a/first | http://a/later`)
	sealed, err := encrypt.Ciphers()[0].Encrypt(nil, []byte(flat("GPP_B=first")), "k3y", encrypt.Entropy{})
	if err != nil {
		t.Fatal(err)
	}
	p.files["http://a/first"], p.files["http://a/later"] = string(sealed), flat("GPP_B=later")
	if got := p.boot(); got != "applied" || p.setting("GPP_B") != "first" {
		t.Fatalf("%s, GPP_B is %q: %q", got, p.setting("GPP_B"), p.log)
	}
	p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if p.setting("GPP_B") != "later" || p.urls() != "http://a/first http://a/later" {
		t.Errorf("GPP_B is %q after %s", p.setting("GPP_B"), p.urls())
	}
}
