package rule_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"provsim/profile/rule"
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
			r, extended, err := rule.ParseOption66(test.value, " $PN.conf ")
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
		if _, extended, err := rule.ParseOption66(value, "x"); !errors.Is(err, rule.ErrNoServer) || extended {
			t.Errorf("%q: %v, extended %v, want ErrNoServer", value, err, extended)
		}
	}
}

// 0.0.0.0, which some routers send for none, broadcast and multicast addresses are
// no server, in option 66 as in a rule (FV-SRC-6).
func TestAddressesOfNoServer(t *testing.T) {
	for _, host := range []string{"0.0.0.0", "255.255.255.255", "224.0.1.75", "239.1.2.3", "[::]", "[ff02::1]", "[::ffff:0.0.0.0]"} {
		for _, value := range []string{host, host + ":6900", "http://" + host + "/x"} {
			_, _, err := rule.ParseOption66(value, "x")
			if plain := strings.Trim(host, "[]"); !errors.Is(err, rule.ErrNoServer) || err == rule.ErrNoServer || !strings.Contains(err.Error(), plain) {
				t.Errorf("option 66 %q: %v, want ErrNoServer with the address", value, err)
			}
		}
		r, err := rule.Parse("tftp://" + host + "/x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Target(""); !errors.Is(err, rule.ErrNoServer) {
			t.Errorf("a rule with %q: %v, want ErrNoServer", host, err)
		}
		if _, err := (rule.Rule{Path: "/x"}).Target(host); !errors.Is(err, rule.ErrNoServer) {
			t.Errorf("a rule without a host, option 66 %q: %v, want ErrNoServer", host, err)
		}
	}
}

// RouterOS sends value='192.168.1.5' as four bytes; the hint says what they are.
func TestOption66OfFourBytes(t *testing.T) {
	for _, value := range []string{"\xc0\xa8\x01\x05", "\x0a\x2f\x01\x00"} {
		_, _, err := rule.ParseOption66(value, "x")
		wrong, ok := err.(*rule.Error)
		addr := netip.AddrFrom4([4]byte([]byte(value)))
		if !ok || !strings.Contains(err.Error(), "4 bytes, which as an address are "+addr.String()+", want a text") {
			t.Errorf("%q: %v", value, err)
		} else if wrong.Caret() != "(4 bytes)\n^" {
			t.Errorf("%q shows %q", value, wrong.Caret())
		}
	}
	for _, value := range []string{"host", "\x00\x00\x00\x00"} {
		if _, _, err := rule.ParseOption66(value, "x"); err != nil && err != rule.ErrNoServer {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// A text in quotation marks may be a password all the same.
func TestQuotedOption66ShowsNoSecret(t *testing.T) {
	_, _, err := rule.ParseOption66(`"http://u:hunter2@h/"`, "x")
	wrong, ok := err.(*rule.Error)
	if !ok || strings.Contains(wrong.Error()+wrong.Caret(), "hunter2") || !strings.HasPrefix(wrong.Text, `"http://u:*******@h/`) {
		t.Errorf("the error is %v of %q", err, wrong.Text)
	}
}

func TestHint(t *testing.T) {
	for text, want := range map[string]string{
		"http//host/x": "http:// is probably meant", "HTTPS//host/x": "https:// is probably meant", "//host/x": "http:// is probably meant",
		"http://host/x": "", "/x": "", "http://http/x": "", "host//x": "", "//": "",
	} {
		r, _ := rule.Parse(text)
		if got := r.Hint(); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: the hint is %q, want %q", text, got, want)
		}
	}
}

func TestCaretCutsALongRule(t *testing.T) {
	for _, text := range []string{strings.Repeat("a", 5000), "http://" + strings.Repeat("h/", 2000) + "|x", strings.Repeat("a", 90) + ":x/y" + strings.Repeat("b", 90)} {
		_, err := rule.Parse(text)
		wrong, ok := err.(*rule.Error)
		if !ok {
			t.Fatalf("%.20s: %v", text, err)
		}
		shown, caret, _ := strings.Cut(wrong.Caret(), "\n")
		if len([]rune(shown)) > 102 || len(caret) > 62 || !strings.HasSuffix(caret, "^") {
			t.Errorf("Caret shows %d and %d characters", len([]rune(shown)), len(caret))
		}
		found := []rune(shown)[len(caret)-1]
		if whole := []rune(wrong.Text); found != whole[wrong.Column-1] {
			t.Errorf("the caret stands under %q, want %q", found, whole[wrong.Column-1])
		}
	}
}
