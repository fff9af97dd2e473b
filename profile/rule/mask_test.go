package rule_test

import (
	"errors"
	"testing"

	"provsim/profile/rule"
)

// What an error shows of a rule: no secret, and as much as it can of the rest.
func TestErrorsMaskTheRule(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"[--key secret]http://h:x/p", "[--key ******]http://h:x/p"},
		{"[--key ‘a secret’] http://h:x/p", "[--key ** *******] http://h:x/p"},
		{"[--key 'a]b' ] h:x/p", "[--key **]** ] h:x/p"},
		{"[--key secret http://h/p", "[--key ****** http://h/p"},
		{"[--key se]cret]HTTP://h/p", "[--key **]****]HTTP://h/p"},
		{"[--kee secret]h/p", "[--kee ******]h/p"},
		{"[--keysecret]h/p", "[***********]h/p"},
		{"[secret]h/p", "[******]h/p"},
		{"secret]http://h:x/p", "******]http://h:x/p"},
		{"--key secret http://h/p", "--key ****** http://h/p"},
		{"--key secret h/p", "--key ****** h/p"},
		{"–key secret h/p", "–key ****** h/p"},
		{"-key secret h/p", "**** ****** h/p"},
		{"http://h/p [--pwd secret]", "http://h/p [--pwd ******]"},
		{"http://h/p|[--key secret]http://h/q", "http://h/p|[--key ******]http://h/q"},
		{`(GPP_A = "secret";)! http://h/p`, `(GPP_A = *********)! http://h/p`},
		{"http://u:secret@h:x/p", "http://u:******@h:x/p"},
		{"u:secret@h:x/p", "u:******@h:x/p"},
		{"http://u:sec/ret@h/p", "http://u:*******@h/p"},
		{"http://secret@h/p", "http://******@h/p"},
		{"http://h:x/p", "http://h:x/p"},
		{"http://h_é/p?m=a@b", "http://h_é/p?m=a@b"},
		{"http://[2001:db8::1]:x/p", "http://[2001:db8::1]:x/p"},
		{"[--key secret]http://[2001:db8::1]:x/p", "[--key ******]http://[2001:db8::1]:x/p"},
		{"http://[10.0.0.1]/p", "http://[10.0.0.1]/p"},
		{"http://a-key.h/p - q|r", "http://a-key.h/p - q|r"},
	} {
		_, err := rule.Parse(test.text)
		var wrong *rule.Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: the error is %v", test.text, err)
		} else if wrong.Text != test.want {
			t.Errorf("got  %s\nwant %s", wrong.Text, test.want)
		}
	}
}

// What a journal shows of option 66.
func TestRedact(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"192.0.2.1:69", "192.0.2.1:69"},
		{"http://prov-1.example.com/$PN/", "http://prov-1.example.com/$PN/"},
		{"[2001:db8::1]:69", "[2001:db8::1]:69"},
		{"http://u:secret@h/", "http://u:******@h/"},
		{"u:secret@h", "u:******@h"},
		{"secret@h", "******@h"},
		{"[--key secret]http://h/", "[--key ******]http://h/"},
		{"--key secret http://h/", "--key ****** http://h/"},
	} {
		if got := rule.Redact(test.text); got != test.want {
			t.Errorf("%q is shown as %q, want %q", test.text, got, test.want)
		}
	}
}
