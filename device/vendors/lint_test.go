package vendors

import (
	"fmt"
	"strings"
	"testing"

	"provsim/device"
	"provsim/profile"
)

// gsBinary is a file of Grandstream's binary form, GS-FMT-2: P2=x for c074ad0a0b0c.
const gsBinary = "\x00\x00\x00\x10\x13\xf5\xc0\x74\xad\x0a\x0b\x0c\r\n\r\nP2=x&gnkey=0b82\x00"

// A file is recognised by its content, in each form of each vendor.
func TestRecognise(t *testing.T) {
	var all Recogniser
	for body, want := range map[string]string{
		"#!version:1.0.0.1\naccount.1.label = x\n":                         "yealink",
		"\ufeff#!version:1.0.0.1\ninclude:config \"a.cfg\"\n":              "yealink",
		"account.1.label = x\n":                                            "yealink", // the first line is missing
		"# our phones\nDBID_DBASE_VERSION=1\n":                             "flyingvoice",
		"<flat-profile><Profile_Rule>x</Profile_Rule></flat-profile>":      "cisco-spa",
		"Profile_Rule \"http://h/x\" ;\n":                                  "cisco-spa",
		"<?xml version=\"1.0\"?>\n<APPLICATION CONFIG_FILES=\"sip.cfg\"/>": "polycom",
		"<?xml version=\"1.0\"?>\n<reg><x reg.1.address=\"201\"/></reg>":   "polycom",
		"Crypt=1;2\n": "polycom",
		"; office\nprovisioning/period/type=DAILY\n":                         "audiocodes",
		"<?xml version='1.0'?>\n<!-- x -->\n<gs_provision version=\"1\">":    "grandstream",
		"<config version=\"2\"><item name=\"account.1.sip.userid\">1</item>": "grandstream",
		"P271=1\n":                               "grandstream", // which phones refuse
		gsBinary:                                 "grandstream",
		"<settings><phone-settings/></settings>": "snom",
		"<setting-files><file url=\"x\"/></setting-files>":                           "snom",
		"<html><pre>\nlanguage!: English\n</pre></html>\n":                           "snom",
		"<<VOIP CONFIG FILE>>Version:2.0002\n<SIP CONFIG MODULE>\nPhone Number :1\n": "fanvil",
		"<VOIP_CONFIG_FILE><version>2</version></VOIP_CONFIG_FILE>":                  "fanvil",
		"<sysConf><Version>2</Version></sysConf>":                                    "fanvil",
		"## a comment\nIF $MODEL4 SEQ 9608 GOTO END\n":                               "avaya",
		"<!DOCTYPE html><html><body>404</body></html>":                               "",
		"":                 "",
		"Salted__12345678": "",
	} {
		name := ""
		if p, ok := all.Recognise([]byte(body)); ok {
			name = p.Name
		}
		if name != want {
			t.Errorf("%.60q looks like %q, want %q", body, name, want)
		}
	}
	for _, p := range All() {
		if p.Tree == nil || p.Name == "flyingvoice-fip" { // their files are Yealink's
			continue
		}
		body := p.Tree.Write("7", profile.Config{}, p.Own(p.Tree.Sample, p.Vars(p.Shipped, device.Lease{})))
		if found, ok := all.Recognise(body); !ok || found != p {
			t.Errorf("a file of %s is not recognised: %.80q", p.Name, body)
		}
	}
}

// A finding says where it is: a line, and a column where the form has one.
func TestFindingsHaveAPlace(t *testing.T) {
	const head = "#!version:1.0.0.1\n"
	for _, c := range []struct{ vendor, body, want string }{
		{"yealink", "account.1.label = x\n", "1:1 YL-FMT-1 error"},
		{"yealink", head + "  account.1.label x\n", "2:20 YL-FMT-1 error"},
		{"yealink", head + "a = 1\n  a = 2\n", "3:3 YL-FMT-1 warning"},
		{"yealink", head + "static.auto_provision.repeat.minutes = often\n", "2:1 YL-TRG-1 error"},
		{"flyingvoice-fip", head + "static.auto_provision.repeat.enable = 7\n", "2:1 FIP-TRG-1 error"},
		{"grandstream", "<gs_provision>\n<config version=\"1\">\n <P237>http://h/</P237></config></gs_provision>", "3:2 GS-SRC-2 error"},
		{"grandstream", "<gs_provision>\n<config>\n<P1></config></gs_provision>", "3:1 GS-FMT-1 error"},
		{"snom", "language: English\nno setting\n", "2:1 SN-FMT-2 error"},
		{"snom", "<settings>\n<phone-settings>\n<prov_polling_period>x</prov_polling_period></phone-settings></settings>", "3:1 SN-TRG-2 error"},
		{"snom", "<settings>\n<phone-settings>\n</settings>", "3:1 SN-FMT-1 error"},
		{"fanvil", "<<VOIP CONFIG FILE>>Version:2.0\n<M>\nFlash Mode :7\n<<END OF FILE>>\n", "3:1 FA-SRC-4 error"},
		{"fanvil", "<sysConf>\n<Version>2</Version>\n<a>\n</sysConf>", "4:1 FA-FMT-2 error"},
		{"polycom", "<APPLICATION\n CONFIG_FILES=\"0004F2AABBCC.cfg\"/>", "1:1 PC-ID-1 info"},
		{"cisco-spa", "<flat-profile>\n <Resync_Periodic>x</Resync_Periodic>\n</flat-profile>", "2:2 SPA-FMT-3 error"},
		{"audiocodes", "provisioning/period/type=DAILY\n provisioning/period/type=OFTEN\n", "2:"},
		{"flyingvoice", "DBID_DBASE_VERSION=1\nDBID_RESYNC_PERIODIC=often\n", "2:22 FV-"},
	} {
		p, err := Lookup(c.vendor)
		if err != nil {
			t.Fatal(err)
		}
		found := p.Lint("f", []byte(c.body), p.Parameters)
		var got []string
		for _, f := range found {
			got = append(got, fmt.Sprintf("%d:%d %s %s", f.Line, f.Column, f.Code, f.Severity))
			if f.Why == "" || f.What == "" {
				t.Errorf("%s: %+v does not say what and why", c.vendor, f)
			}
		}
		if !strings.Contains(strings.Join(got, "\n"), c.want) {
			t.Errorf("%s: %q has %q, want %q", c.vendor, c.body, got, c.want)
		}
	}
}

// No file makes a linter panic, and each place is one of the file.
func FuzzLint(f *testing.F) {
	for _, seed := range []string{"#!version:1.0.0.1\na=\n", gsBinary, "<config><item name=\"a\">", "<settings><phone-settings><a>1</a>", "a!: 1\n", "<<VOIP CONFIG FILE>>Version:1\n<<END OF FILE>>", "a/b=1\n", "<a b.c=\"1\"/>", "P1=1\n"} {
		f.Add([]byte(seed))
	}
	var all Recogniser
	f.Fuzz(func(t *testing.T, body []byte) {
		all.Recognise(body)
		rows := strings.Count(string(body), "\n") + 1
		for _, p := range All() {
			for _, finding := range p.Lint("f", body, p.Parameters) {
				if finding.Line < 0 || finding.Line > rows || finding.Line > 0 && finding.Column < 1 || finding.Line == 0 && finding.Column != 0 {
					t.Errorf("%s: place %d:%d in %d lines", p.Name, finding.Line, finding.Column, rows)
				}
			}
		}
	})
}
