package scenario

import (
	"strings"
	"testing"
)

// A population of another vendor has that vendor's products, addresses and settings.
func TestPopulationOfAnotherVendor(t *testing.T) {
	s, err := Parse("spa.yaml", []byte("population:\n  vendor: cisco-spa\n  profile-rule: http://192.0.2.1/$MA.xml\n  settings:\n    - set: {Resync_Random_Delay: 5}\n"))
	if err != nil {
		t.Fatal(err)
	}
	p := s.Filled().Population
	if p.Products[0].Name != "SPA504G" || p.MAC.String()[:6] != "000e08" || p.Rules(p.Personality())["Profile Rule"] != "http://192.0.2.1/$MA.xml" {
		t.Errorf("product %s, first address %v, rules %v", p.Products[0].Name, p.MAC, p.Rules(p.Personality()))
	}
	for text, want := range map[string]string{
		"population: {vendor: cisko-spa}\n":                                          `did you mean "cisco-spa"?`,
		"population: {vendor: cisco-spa, settings: [{set: {DBID_PRV_ENABLE: 1}}]}\n": "unknown to the device",
	} {
		if _, err := Parse("spa.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", text, err, want)
		}
	}
	written, err := Parse("a.yaml", []byte("population: {vendor: flyingvoice}\n"))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Parse("b.yaml", []byte("population: {}\n"))
	if err != nil || written.Digest() != plain.Digest() {
		t.Errorf("the default vendor written out makes another digest (%v)", err)
	}
}
