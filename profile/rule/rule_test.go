package rule_test

import (
	"fmt"
	"strings"
	"testing"

	"provsim/macro"
	"provsim/profile/rule"
)

var phone = macro.Map{
	"MA": "0021f2011b19", "MAU": "0021F2011B19", "MAC": "00:21:f2:01:1b:19",
	"PN": "IP542N", "SN": "E3C08109000051", "IP": "201.45.12.89",
	"SWVER": "v3.3.8", "HWVER": "v1.0.1",
}

// tree writes the parts of a rule that are there.
func tree(r rule.Rule) string {
	var parts []string
	add := func(name, text string) {
		if text != "" {
			parts = append(parts, fmt.Sprintf("%s=%s", name, text))
		}
	}
	if r.Keyed {
		parts = append(parts, "keyed")
	}
	add("key", r.Key)
	add("scheme", r.Scheme)
	add("user", r.User)
	add("password", r.Password)
	add("host", r.Host)
	add("port", r.Port)
	add("path", r.Path)
	return strings.Join(parts, " ")
}

func TestParseRule(t *testing.T) {
	for _, test := range []struct {
		rule, text, want string
	}{
		{"FV-RULE-7: no rule", "", ""},
		{"FV-RULE-7: no rule", " \t ", ""},
		{"guide, section 2.2: the document's first example", "tftp://prov.call.com/cpe/CW$MA.conf", "scheme=tftp host=prov.call.com path=/cpe/CW$MA.conf"},
		{"guide, section 2.2: and its second", "http://neptune.speak.net:8080/prov/$PN/$MAU.conf", "scheme=http host=neptune.speak.net port=8080 path=/prov/$PN/$MAU.conf"},
		{"guide, section 4.4: with a key", "[--key 123456]tftp://h/path/param-enc.conf", "keyed key=123456 scheme=tftp host=h path=/path/param-enc.conf"},
		{"guide, section 4.4: typographic quotation marks", "[--key ‘key’]tftp://h/x", "keyed key=key scheme=tftp host=h path=/x"},
		{"FV-RULE-1: double ones", "[--key “a key”]tftp://h/x", "keyed key=a key scheme=tftp host=h path=/x"},
		{"FV-RULE-1: a closing mark on both sides", "[--key ’key’] tftp://h/x", "keyed key=key scheme=tftp host=h path=/x"},
		{"FV-RULE-1: plain quotation marks", `[--key 'a "key" [1]'] tftp://h/x`, `keyed key=a "key" [1] scheme=tftp host=h path=/x`},
		{"FV-RULE-1: plain quotation marks", `[--key "it's"] tftp://h/x`, `keyed key=it's scheme=tftp host=h path=/x`},
		{"FV-RULE-1: blanks where the grammar has them", "  [ --key \t 12 ] \t tftp://h/x  ", "keyed key=12 scheme=tftp host=h path=/x"},
		{"FV-RULE-1: a key with a macro", "[--key $(MA:6:2)]/x", "keyed key=$(MA:6:2) path=/x"},
		{"FV-RULE-1: a mark inside a word", "[--key it's]/x", "keyed key=it's path=/x"},
		{"FV-RULE-1: schemes in any case", "HttpS://h/x", "scheme=https host=h path=/x"},
		{"FV-RULE-3: no scheme", "h:69/x", "host=h port=69 path=/x"},
		{"FV-RULE-3: no host", "/x", "path=/x"},
		{"FV-RULE-3: a scheme, no host", "http:///x", "scheme=http path=/x"},
		{"FV-RULE-4: a directory", "http://h/", "scheme=http host=h path=/"},
		{"FV-RULE-4: a query is kept", "http://h/x?m=$MA&u=a:b@c/d://e%20", "scheme=http host=h path=/x?m=$MA&u=a:b@c/d://e%20"},
		{"FV-RULE-1: what looks like more authority is path", "/a:b@c/http://d", "path=/a:b@c/http://d"},
		{"FV-RULE-1: a path with blanks and brackets", "tftp://h/my file[1](2).conf", "scheme=tftp host=h path=/my file[1](2).conf"},
		{"FV-RULE-1: user and password", "http://u:p@h:80/x", "scheme=http user=u password=p host=h port=80 path=/x"},
		{"FV-RULE-1: without a scheme", "u:p@h/x", "user=u password=p host=h path=/x"},
		{"FV-RULE-1: the password ends at the last sign", "http://u:p@ss:w@h/x", "scheme=http user=u password=p@ss:w host=h path=/x"},
		{"FV-RULE-1: an empty password", "http://u:@h/x", "scheme=http user=u host=h path=/x"},
		{"FV-RULE-1: escapes stay until the end", "http://u%3a%09:%0F%fA@h/x", "scheme=http user=u%3a%09 password=%0F%fA host=h path=/x"},
		{"FV-RULE-1: IPv4", "10.0.0.1/x", "host=10.0.0.1 path=/x"},
		{"FV-RULE-1: IPv6", "http://[2001:db8::1]:8080/x", "scheme=http host=2001:db8::1 port=8080 path=/x"},
		{"FV-RULE-1: IPv6 without a scheme", "[2001:db8::1]/x", "host=2001:db8::1 path=/x"},
		{"FV-RULE-1: a macro in brackets", "[$(IP)]/x", "host=$(IP) path=/x"},
		{"FV-RULE-2: a colon in a macro separates nothing", "http://$(MAU:4).example.com:80/x", "scheme=http host=$(MAU:4).example.com port=80 path=/x"},
		{"FV-RULE-2: macros everywhere", "http://$(PN:1:2):$(SN:2)@$SN-$(MA:6):1$(PN:2:3)/x", "scheme=http user=$(PN:1:2) password=$(SN:2) host=$SN-$(MA:6) port=1$(PN:2:3) path=/x"},
		{"FV-MAC-7: a malformed macro in the path", "tftp://h/$(MAU:x", "scheme=tftp host=h path=/$(MAU:x"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			r, err := rule.Parse(test.text)
			if err != nil {
				t.Fatalf("%s: %v", test.text, err)
			}
			if got := tree(r); got != test.want {
				t.Errorf("%s\n got %s\nwant %s", test.text, got, test.want)
			}
			if r.IsZero() != (test.want == "") {
				t.Errorf("%s: IsZero is %v", test.text, r.IsZero())
			}
		})
	}
}

func TestParseUpgradeRule(t *testing.T) {
	r, err := rule.ParseUpgrade("https://192.168.20.17/G502_F107_S334.bin")
	if want := "scheme=https host=192.168.20.17 path=/G502_F107_S334.bin"; err != nil || tree(r) != want {
		t.Errorf("got %s, %v, want %s", tree(r), err, want)
	}
	if r, err := rule.ParseUpgrade(" "); err != nil || !r.IsZero() {
		t.Errorf("a blank rule is %s, %v, want no rule", tree(r), err)
	}
}

func TestExpandKeepsTheStructure(t *testing.T) { // FV-RULE-2
	vars := macro.Map{"A": "evil/path:1@[x] --key", "E": "", "N": "80", "D": "$A"}
	for _, test := range []struct{ text, want string }{
		{"[--key $A]http://$A:$A@h$N:$N/$A?$A", "keyed key=evil/path:1@[x] --key scheme=http user=evil/path:1@[x] --key " +
			"password=evil/path:1@[x] --key host=h80 port=80 path=/evil/path:1@[x] --key?evil/path:1@[x] --key"},
		{"/$$A$D", "path=/$A$A"},
		{"http://$E:$E/x", "scheme=http host=$E port=$E path=/x"},
		{"http://h/$E", "scheme=http host=h path=/"},
	} {
		r, err := rule.Parse(test.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := tree(r.Expand(vars, macro.Sipura)); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}
