package vendors

import (
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/device"
)

// Each vendor is complete, and can be found by its name and by its addresses.
func TestVendorsAreFound(t *testing.T) {
	owners := map[device.OUI]string{}
	for _, p := range All() {
		if found, err := Lookup(p.Name); err != nil || found != p {
			t.Errorf("%s is not found by its name: %v", p.Name, err)
		}
		if p.Vendor == "" || len(p.Sources) == 0 || p.Shipped.Product == "" || p.Serial == nil || p.Boot == nil || p.Parse == nil || p.Lint == nil {
			t.Errorf("%s lacks a part of a personality", p.Name)
		}
		if !slices.ContainsFunc(p.Products, func(g device.Generation) bool { return slices.Contains(g.Products, p.Shipped.Product) }) {
			t.Errorf("%s: %s is not among the products", p.Name, p.Shipped.Product)
		}
		for _, oui := range p.OUIs {
			if owner, taken := owners[oui]; taken {
				t.Errorf("block %v belongs to %s and to %s", oui, owner, p.Name)
			}
			owners[oui] = p.Name
			if found, ok := Of(device.MAC{oui[0], oui[1], oui[2], 1, 2, 3}); !ok || found != p {
				t.Errorf("an address of block %v is not one of %s", oui, p.Name)
			}
		}
		for _, s := range p.Shorthands {
			for _, set := range s.Settings {
				if _, ok := p.Parameters.Find(set.Name); !ok {
					t.Errorf("%s: --%s stands for %q, which is no setting", p.Name, s.Name, set.Name)
				}
			}
		}
		for _, set := range p.Every(86400 * time.Second) {
			if known, ok := p.Parameters.Find(set.Name); !ok {
				t.Errorf("%s: a period stands for %q, which is no setting", p.Name, set.Name)
			} else if err := p.Check(nil, known, set.Value); err != nil {
				t.Errorf("%s: a period of a day: %v", p.Name, err)
			}
		}
		if _, ok := p.Parameters.Find(p.RandomDelay); p.RandomDelay != "" && (!ok || p.RandomDelayUnit < time.Second) {
			t.Errorf("%s: random delay %q is no setting", p.Name, p.RandomDelay)
		}
	}
	if _, ok := Of(device.MAC{2, 0, 0, 0, 0, 1}); ok {
		t.Error("a local address has a vendor")
	}
	if p, err := Lookup("flyingvoise"); p != nil || err == nil || !strings.Contains(err.Error(), `did you mean "flyingvoice"?`) {
		t.Errorf("a misspelt vendor is %v, error %v", p, err)
	}
	if p, err := Lookup("x"); p != nil || err == nil || !strings.Contains(err.Error(), "want one of "+strings.Join(Names(), ", ")) {
		t.Errorf("an unknown vendor is %v, error %v", p, err)
	}
}

// The client certificates of a fleet are named like the factory's (SPA-ID-4, PC-ID-7, YL-ID-5,
// SN-ID-4, AC-ID-5).
func TestSubjects(t *testing.T) {
	for name, want := range map[string]string{
		"cisco-spa": "OU=$PN,L=$SN,S=$MA", "polycom": "O=Polycom Inc.,CN=$MAU", "yealink": "CN=$MAU", "snom": "CN=$MAU",
		"audiocodes": "O=ACL,CN=Client_$MAU",
	} {
		if p, err := Lookup(name); err != nil || p.Subject != want {
			t.Errorf("%s: found %q, %v, want %q", name, p.Subject, err, want)
		}
	}
}
