package profile_test

import (
	"errors"
	"testing"

	"provsim/profile"
)

func TestParseOption66(t *testing.T) {
	for _, test := range []struct {
		rule, value string
		extended    bool
		want        string
	}{
		{"FV-SRC-3: an address", "192.168.20.151", false, "scheme=tftp host=192.168.20.151 path=/$PN.conf"},
		{"FV-SRC-3: a name", "prov.example.com", false, "scheme=tftp host=prov.example.com path=/$PN.conf"},
		{"FV-SRC-3: with a port", "prov.example.com:6969", false, "scheme=tftp host=prov.example.com port=6969 path=/$PN.conf"},
		{"FV-SRC-3: an IPv6 address", "2001:db8::1", false, "scheme=tftp host=2001:db8::1 path=/$PN.conf"},
		{"FV-SRC-3: with a port", "[2001:db8::1]:6969", false, "scheme=tftp host=2001:db8::1 port=6969 path=/$PN.conf"},
		{"FV-SRC-4: padding is cut", " 10.0.0.1 \x00\x00 ", false, "scheme=tftp host=10.0.0.1 path=/$PN.conf"},
		{"FV-MAC-9: macros", "$(MA:6).example.com", false, "scheme=tftp host=$(MA:6).example.com path=/$PN.conf"},
		{"FV-SRC-4: a URL without a path", "http://h:8080", true, "scheme=http host=h port=8080 path=/$PN.conf"},
		{"FV-SRC-4: the root", "tftp://h/\x00", true, "scheme=tftp host=h path=/$PN.conf"},
		{"FV-SRC-4: a directory", "https://h/dir/", true, "scheme=https host=h path=/dir/$PN.conf"},
		{"FV-SRC-4: a directory with a query", "https://h/dir/?x=1", true, "scheme=https host=h path=/dir/$PN.conf?x=1"},
		{"FV-SRC-4: a file with a query", "https://u:p@h/$MA.cfg?x=/", true, "scheme=https user=u password=p host=h path=/$MA.cfg?x=/"},
		{"FV-SRC-4: a file", "http://h/dir/$MA.cfg", true, "scheme=http host=h path=/dir/$MA.cfg"},
		{"FV-RULE-3: a path without a scheme", "10.0.0.1/dir/", true, "scheme=tftp host=10.0.0.1 path=/dir/$PN.conf"},
		{"FV-RULE-3: a path without a server", "/dir/", true, "scheme=tftp path=/dir/$PN.conf"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			r, extended, err := profile.ParseOption66(test.value, " $PN.conf ")
			if err != nil {
				t.Fatalf("%q: %v", test.value, err)
			}
			if got := tree(r); got != test.want || extended != test.extended {
				t.Errorf("%q\n got %s, extended %v\nwant %s, extended %v", test.value, got, extended, test.want, test.extended)
			}
		})
	}
}

func TestBlankOption66NamesNoServer(t *testing.T) {
	for _, value := range []string{"", " ", "\x00", "\t \x00"} {
		if _, extended, err := profile.ParseOption66(value, "x"); !errors.Is(err, profile.ErrNoServer) || extended {
			t.Errorf("%q: %v, extended %v, want ErrNoServer", value, err, extended)
		}
	}
}
