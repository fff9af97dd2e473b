package vendors

import (
	"bytes"
	"testing"

	"provsim/device"
	"provsim/profile"
)

// The files of each tree are such that the vendor's phones take them, also when they
// are filled up to a size, and each sample is of settings that files have.
func TestTreesHaveFilesThatPhonesTake(t *testing.T) {
	for _, p := range All() {
		if p.Tree == nil {
			continue
		}
		id := p.Shipped
		copy(id.MAC[:], append(p.OUIs[0][:], 0xab, 0xcd, 0xef))
		own := p.Own(p.Tree.Sample, p.Vars(id, device.Lease{}))
		if len(own) == 0 || own[0].Value == p.Tree.Sample[0].Value {
			t.Errorf("%s: the sample %v has no macro, so it is not a phone's own", p.Name, own)
		}
		for _, size := range []int{0, 700, 701, 2000} {
			body := p.Tree.Pad(p.Tree.Write("7", profile.Config{}, own), size)
			config, err := p.Parse(body)
			if err != nil || len(config.Bad()) > 0 {
				t.Errorf("%s, %d bytes: error %v, bad lines %v", p.Name, size, err, config.Bad())
			}
			if value, _ := config.Get(own[0].Name); value != own[0].Value || size > 0 && len(body) != size {
				t.Errorf("%s: %d bytes with %q, want %d with %q", p.Name, len(body), value, size, own[0].Value)
			}
		}
		if _, versioned := p.Parameters.First(profile.Version); versioned {
			continue // the version is a setting
		}
		plain := p.Tree.Write("7", profile.Config{}, nil)
		if _, err := p.Parse(plain); err != nil || bytes.Equal(plain, p.Tree.Write("8", profile.Config{}, nil)) {
			t.Errorf("%s: a file with nothing but a version: error %v, or another version makes no other file", p.Name, err)
		}
	}
}

// A name leads to its file, in the case that the phones use.
func TestTreeNames(t *testing.T) {
	mac := device.MAC{0, 1, 2, 0xab, 0xcd, 0xef}
	for _, c := range []struct {
		vendor, product, name  string
		missing, common, known bool
	}{
		{"yealink", "T48S", "000102abcdef.boot", true, false, true},
		{"yealink", "T48S", "y000000000065.cfg", false, true, true}, // YL-ID-2: not 066
		{"yealink", "T48S", "y000000000066.cfg", false, false, false},
		{"yealink", "T48S", "000102ABCDEF.cfg", false, false, false},
		{"snom", "D785", "snomD785-000102ABCDEF.htm", false, false, true},
		{"snom", "D785", "snomD785-000102abcdef.htm", false, false, false},
		{"cisco-spa", "SPA504G", "spa504G.cfg", false, true, true},
		{"cisco-spa", "SPA504G", "XMLDefault.cnf.xml", true, false, true},
		{"flyingvoice-fip", "FIP13G", "y000000000000.cfg", false, true, true},
		{"flyingvoice", "IP542N", "any.conf", false, true, true},
	} {
		p, err := Lookup(c.vendor)
		if err != nil {
			t.Fatal(err)
		}
		i := p.TreeFile(device.Identity{MAC: mac, Product: c.product}, device.ConfigClass, c.name)
		if (i >= 0) != c.known || c.known && (p.Tree.Files[i].Missing != c.missing || p.Tree.Files[i].Common != c.common) {
			t.Errorf("%s: %s is file %d, want missing %v, common %v, known %v", c.vendor, c.name, i, c.missing, c.common, c.known)
		}
	}
}
