package clientcert

import (
	"strings"
	"testing"

	"provsim/macro"
)

func TestSubjects(t *testing.T) {
	v := macro.Map{"MAU": "0021F2011B19", "MA": "0021f2011b19", "PN": "IP542N", "SN": "a,O=evil", "EMPTY": "", "BELL": "\a"}
	for _, c := range []struct{ text, want, wrong string }{
		{"CN=$MAU", "CN=0021F2011B19", ""},
		{"cn=phone $(MA:6)", "CN=phone 011b19", ""},
		{"CN=$MAU,OU=$PN,O=Example,L=Here,ST=There,C=DE,SERIALNUMBER=7", "SERIALNUMBER=7,CN=0021F2011B19,OU=IP542N,O=Example,L=Here,ST=There,C=DE", ""},
		{"CN=$MAU,OU=one,OU=two", "CN=0021F2011B19,OU=one+OU=two", ""},
		{"CN=$SN", `CN=a\,O=evil`, ""}, // a value cannot change the structure
		{`CN=$MAU,O=A\, B`, `CN=0021F2011B19,O=A\, B`, ""},
		{`CN=$MAU,O=A\\B`, `CN=0021F2011B19,O=A\\B`, ""},
		{"CN=$STRANGE", "CN=$STRANGE", ""}, // FV-MAC-3
		{"", "", "want one of CN"},
		{"O=Example", "", "found neither CN nor S"},
		{"S=" + strings.Repeat("x", 65), "", "at most 64"},
		{"S=a,S=b", "", "S twice"},
		{"OU=$PN,L=$SN,S=$MA", `2.5.4.4=#130c303032316632303131623139,OU=IP542N,L=a\,O=evil`, ""}, // SPA-ID-4
		{"CN=a,CN=b", "", "CN twice"},
		{"CN=", "", "no value for CN"},
		{"CN=$MAU,", "", "want one of CN"},
		{"CN=$MAU,E=x@y", "", `found "E=x@y"`},
		{"CN=$EMPTY", "", "empty for this device"},
		{"CN=$BELL", "", "want text"},
		{"CN=" + strings.Repeat("x", 64), "CN=" + strings.Repeat("x", 64), ""},
		{"CN=" + strings.Repeat("x", 65), "", "at most 64"},
	} {
		s, err := ParseSubject(c.text, macro.Sipura)
		got := ""
		if err == nil {
			name, nameErr := s.name(v)
			got, err = name.String(), nameErr
		}
		switch {
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
			t.Errorf("%q: error %v, want %q", c.text, err, c.wrong)
		case c.wrong == "" && (err != nil || got != c.want):
			t.Errorf("%q: %s, %v, want %s", c.text, got, err, c.want)
		}
	}
}

func FuzzParseSubject(f *testing.F) {
	for _, seed := range []string{"CN=$MAU", `CN=a\,b,O=\\`, "CN=$(MA:2),OU=,", "cn=x,cn=y", "\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSubject(text, macro.Sipura)
		if err != nil {
			return
		}
		name, err := s.name(macro.Map{"MAU": "0021F2011B19"})
		if err == nil && (name.CommonName == "" && len(name.ExtraNames) == 0 || s.text != text) {
			t.Errorf("%q: name %v of %q", text, name, s.text)
		}
	})
}
