package files

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecognise(t *testing.T) {
	for _, test := range []struct {
		name, body, format string
		secrets            []string
	}{
		{"Flying Voice", "DBID_DBASE_VERSION=1\nDBID_SIP_PASSWORD=s3cret99\n", "DBID", []string{"DBID_SIP_PASSWORD"}},
		{"Yealink", "#!version:1.0.0.1\n#1732900000.1234\naccount.1.user_name = 100\naccount.1.password = s3cret99\nsecurity.user_password = admin:s3cret99\nphone_setting.phone_lock.unlock_pin =\n", "Yealink",
			[]string{"account.1.password", "security.user_password"}},
		{"Grandstream, lines", "P2=s3cret99\nP34=s3cret99\nP35=100\n", "Grandstream", []string{"P2", "P34"}},
		{"Grandstream, XML", `<?xml version="1.0"?><gs_provision version="1"><config version="1"><P35>100</P35><P34>s3cret99</P34></config></gs_provision>`, "XML, gs_provision", []string{"P34"}},
		{"Cisco SPA", `<flat-profile><Password_1_ ua="na">s3cret99</Password_1_><User_ID_1_ ua="na">100</User_ID_1_><Admin_Passwd>s3cret99</Admin_Passwd></flat-profile>`, "XML, flat-profile", []string{"Admin_Passwd", "Password_1_"}},
		{"Cisco 79xx", `<device><sipLines><line button="1"><authName>100</authName><authPassword>s3cret99</authPassword></line></sipLines></device>`, "XML, device", []string{"authPassword"}},
		{"Polycom", `<polycomConfig><reg reg.1.auth.userId="100" reg.1.auth.password="s3cret99"/></polycomConfig>`, "XML, polycomConfig", []string{"reg.1.auth.password"}},
		{"Snom", `<settings><phone-settings><user_pass idx="1" perm="">s3cret99</user_pass><user_name idx="1">100</user_name></phone-settings></settings>`, "XML, settings", []string{"user_pass"}},
		{"AudioCodes", "voip/line/0/auth_name=100\nvoip/line/0/auth_password=s3cret99\nsystem/password_policy/enabled=1\n", "key = value", []string{"voip/line/0/auth_password"}},
		{"Avaya", "SET SIPUSERPASSWORD s3cret99\nSET SIPUSERNAME 100\n", "", nil},
		{"JSON", `{"accounts": [{"user": "100", "secret": "s3cret99", "voicemail_pin": "4711"}], "password_min_length": 8}`, "JSON", []string{"secret", "voicemail_pin"}},
		{"switches and marks are no secrets", "account.1.password = ****\nlogin.password.enable = 1\nsip.pin =\n", "key = value", nil},
		{"a page", "<html><body><input name='password'>x</body></html>", "HTML", nil},
		{"a page of the doctype", "<!DOCTYPE html><html lang=en><p>password: s3cret99</p>", "HTML", nil},
		{"encrypted", "Salted__12345678abcdefgh", "openssl-md5", nil},
		{"noise", "\x00\x01\x02password=s3cret99", "", nil},
		{"text", "this is no file for phones\nnor is this\npassword: s3cret99\n", "", nil},
		{"nothing", "", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := recognise([]byte(test.body))
			names := c.secrets()
			if c.encrypted {
				c.format = "openssl-md5" // several ciphers look alike
			}
			if c.format != test.format || !cmp.Equal(test.secrets, names) && len(test.secrets)+len(names) > 0 {
				t.Errorf("format %q with the secrets %q, want %q with %q", c.format, names, test.format, test.secrets)
			}
		})
	}
}

// FuzzRecognise reads anything as a file.
func FuzzRecognise(f *testing.F) {
	for _, seed := range []string{
		"DBID_DBASE_VERSION=1\n", "#!version:1.0.0.1\na.b = c\n", "<a b='c'><d>e</d></a>", "<a", `{"a":[1,{"b":null}]}`, "[1", "Salted__x", "P2=1\nP3",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c := recognise(body)
		if c.encrypted && len(c.settings) > 0 {
			t.Errorf("an encrypted file has settings: %q", body)
		}
		for _, name := range c.secrets() {
			if !slices.ContainsFunc(c.settings, func(s setting) bool { return s.name == name && s.value != "" }) {
				t.Errorf("%q is a secret and no setting", name)
			}
		}
	})
}
