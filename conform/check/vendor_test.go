package check

import (
	"strings"
	"testing"

	"provsim/device"
)

// Phones of another vendor ask for their own files, and the checks that read files of
// the default vendor are skipped with the reason.
func TestPhonesOfAnotherVendor(t *testing.T) {
	target := &Target{Vendor: "cisco-spa", Option66: "192.0.2.1", Phones: []Phone{{MAC: device.MAC{0, 0x0e, 8, 1, 2, 3}}}}
	p, err := NewProbe(target, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	req, err := p.Request(target.Phones[0].MAC)
	if want := "tftp://192.0.2.1/spa504G.cfg"; err != nil || req.URL() != want {
		t.Errorf("the phone asks for %s (%v), want %s", req.URL(), err, want)
	}
	if why := p.Lacks(Check{ID: "files/1"}); !strings.Contains(why, "cisco-spa") {
		t.Errorf("a check of files is skipped with %q, want the vendor in it", why)
	}
	if why := p.Lacks(Check{ID: "http/1"}); why != "" {
		t.Errorf("a check of HTTP is skipped: %s", why)
	}
	for _, c := range []struct {
		wrong Target
		says  string
	}{
		{Target{Vendor: "yealink", Server: "192.0.2.1"}, "want a URL such as"},
		{Target{Vendor: "yealink", Server: "http://192.0.2.1/", Option66: "192.0.2.1"}, "leave one of them out"},
		{Target{Vendor: "yealink", ProfileRule: "http://192.0.2.1/x"}, "led to their server otherwise"},
		{Target{Vendor: "grandstream", Server: "http://192.0.2.1/", Set: []string{"P1359"}}, "want NAME=VALUE"},
		{Target{Vendor: "grandstream", Server: "http://192.0.2.1/", Set: []string{"P212=7"}}, "P212"},
		{Target{Vendor: "grandstream", Server: "http://192.0.2.1/", Set: []string{"nothing of the kind=7"}}, "no setting"},
	} {
		c.wrong.Phones = target.Phones
		if _, err := NewProbe(&c.wrong, Settings{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want %q", c.wrong, err, c.says)
		}
	}
	target.Vendor = "cisko-spa"
	if _, err := NewProbe(target, Settings{}); err == nil || !strings.Contains(err.Error(), `did you mean "cisco-spa"?`) {
		t.Errorf("a misspelt vendor: %v", err)
	}
}
