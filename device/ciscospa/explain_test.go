package ciscospa

import (
	"net/netip"
	"strings"
	"testing"

	"provsim/device"
)

func TestExplain(t *testing.T) {
	m := newPhone(t).Model()
	id := shipped
	id.MAC = examplePhone
	lease := device.Lease{Addr: netip.MustParseAddr("192.0.2.10"), Offer: device.TextOffer(66, "10.0.0.5")}
	for _, test := range []struct {
		text    string
		upgrade bool
		want    []string
	}{
		{`($SWVER lt 7.4.8)? http://a/old.cfg | (GPP_A="hunter2")! [--key hunter2 --uid ann --post f]http://a/$MA.xml | /x`, false, []string{
			"part 1: skipped", "if: 7.5.5 < 7.4.8: false", "target: http://a/old.cfg", "part 2: taken", "sets: GPP_A", "key: set, not shown",
			"uid: ann", "post: POST with GPP_F", "target: http://a/000e08aabbcc.xml", "part 3: not looked at", "fetches: http://a/000e08aabbcc.xml",
		}},
		{"/spa$PSN.cfg", false, []string{"rule: /spa$PSN.cfg", "part 1: taken", "target: /spa504G.cfg", "fetches: tftp://10.0.0.5/spa504G.cfg"}},
		{"(1 eq 2)? /x", false, []string{"fetches: nothing: no condition holds"}},
		{`(a="1")!`, false, []string{"fetches: nothing, and that is a success (SPA-RULE-4)"}},
		{"https://a/x.bin", true, []string{"fetches: nothing: Upgrade Rule must not use https (SPA-UP-2)"}},
		{"# x", false, []string{": no rule: it is skipped"}},
	} {
		parts, err := Personality.Explain(m, id, lease, test.text, test.upgrade)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		var lines []string
		for _, p := range parts {
			lines = append(lines, p.Name+": "+p.Text)
		}
		all := strings.Join(lines, "\n")
		rest := all
		for _, want := range test.want { // in this order
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Errorf("%s: %q is not in\n%s", test.text, want, all)
				break
			}
			rest = after
		}
		if strings.Contains(all, "hunter2") {
			t.Errorf("a secret is shown:\n%s", all)
		}
	}
	if _, err := Personality.Explain(m, id, lease, "! 7 ?", false); err == nil {
		t.Error("a rule that does not parse is explained")
	}
}
