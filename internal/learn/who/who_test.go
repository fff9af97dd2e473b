package who

import (
	"strings"
	"testing"

	"provsim/device"
	"provsim/device/vendors"
)

// Each product of each vendor is recognised by the User-Agent that its firmware sends,
// also with another version than the one that it is delivered with.
func TestEveryProductByItsUserAgent(t *testing.T) {
	r := New()
	for _, p := range vendors.All() {
		for _, g := range p.Products {
			for _, name := range g.Products {
				if strings.HasSuffix(name, ".x") {
					continue
				}
				id := identity(p, name)
				id.MAC[3], id.MAC[4], id.MAC[5] = 0x12, 0x34, 0x5c
				for _, version := range []string{id.Software, "66.1.2.3456"} {
					id.Software = version
					agent := p.Agent(id)
					w := r.Agent(agent, p)
					if w.Vendor != p || w.Product != name {
						t.Errorf("%s: found %v %q, want %s %q", agent, w.Vendor != nil, w.Product, p.Name, name)
					}
					if w.Software == "" {
						t.Errorf("%s: no version is found", agent)
					}
					if mac, _, _, ok := MAC([]byte(agent)); ok && mac != id.MAC {
						t.Errorf("%s: found the address %v", agent, mac)
					}
				}
			}
		}
	}
}

func TestUserAgentsFromLogs(t *testing.T) {
	r := New()
	for agent, want := range map[string][3]string{
		"Yealink SIP-T46S 66.86.0.15 80:5e:c0:d5:7d:72": {"yealink", "T46S", "66.86.0.15"},
		"yealink SIP-T28P 2.70.0.50 00:15:65:4a:29:ca":  {"yealink", "T28P", "2.70.0.50"},
		"Yealink SIP-T46S 66.86.0.15":                   {"yealink", "T46S", "66.86.0.15"},
		"Yealink W52P 25.81.0.10 00:15:65:74:b1:50":     {"yealink", "W52P", "25.81.0.10"},
		"Yealink SIP-T73U 185.87.0.5 44:db:d2:00:00:01": {"yealink", "T73U", "185.87.0.5"}, // newer than what is known

		"FileTransport PolycomSoundPointIP-SPIP_450-UA/4.2.2.0710":                              {"polycom", "SPIP_450", "4.2.2.0710"},
		"FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 (SN:0004f282e824) Type/Application":     {"polycom", "VVX_500", "5.9.7.4477"},
		"FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater":                          {"polycom", "VVX_500", "5.9.7.47435"},
		"FileTransport PolycomVVX-VVX_600-UA/5.9.7.4477 Type/Application":                       {"polycom", "VVX_600", "5.9.7.4477"},
		"Cisco/SPA508G-7.4.4 (0002FDFF2103)(CBT141400UK)":                                       {"cisco-spa", "SPA508G", "7.4.4"},
		"Linksys/SPA-942-6.1.5(a) (88019FA42805)":                                               {"cisco-spa", "SPA942", "6.1.5(a)"},
		"Grandstream Model HW GXP2170 SW 1.0.11.85 DevId 000b82abcdef":                          {"grandstream", "GXP2170", "1.0.11.85"},
		"AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F012345)":                                     {"audiocodes", "440HD", "2.2.8.61"},
		"AVAYA/96x1-IPT-SIP-R7_1_8_0_9 9611G":                                                   {"avaya", "9611G", "7.1.8.0.9"},
		"Fanvil X6U Pro 2.10.2.6887 00a859abcdef":                                               {"fanvil", "X6U Pro", "2.10.2.6887"},
		"Flyingvoice FIP13G V0.6.24 78:99:12:AB:CD:EF":                                          {"flyingvoice-fip", "FIP13G", "V0.6.24"},
		"Flyingvoice IP542N v3.3.8 00:21:F2:AB:CD:EF":                                           {"flyingvoice", "IP542N", "v3.3.8"},
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0": {},
		"Mozilla/4.0 (compatible; MSIE 6.0)":                                                    {},
		"curl/8.5.0":                                                                            {},
		"":                                                                                      {},
	} {
		var owner *device.Personality
		if mac, _, _, ok := MAC([]byte(agent)); ok {
			owner = r.Owner(mac)
		}
		w := r.Agent(agent, owner)
		found := [3]string{"", w.Product, w.Software}
		if w.Vendor != nil {
			found[0] = w.Vendor.Name
		}
		if found != want {
			t.Errorf("%q: found %q, want %q", agent, found, want)
		}
	}
}

func TestAddressesAndForms(t *testing.T) {
	for text, want := range map[string]string{
		"/p/001565abcdef.boot": "{mac}.boot", "/p/snomD785-000413ABCDEF.htm": "snomD785-{MAC}.htm", "cfg000b82abcdef.xml": "cfg{mac}.xml",
		"/001565abcdef/x.cfg": "x.cfg", "y000000000066.cfg": "y000000000066.cfg", "000000000000.cfg": "000000000000.cfg",
		"0004f2abcdef0.cfg": "0004f2abcdef0.cfg", "00-15-65-ab-cd-ef.cfg": "{mac}.cfg", "": "",
	} {
		if got := Form([]byte(text)); got != want {
			t.Errorf("%q: form %q, want %q", text, got, want)
		}
	}
	if mac, _, _, ok := MAC([]byte("x 00:15:65:ab:cd:ef y")); !ok || mac.String() != "001565abcdef" {
		t.Errorf("found %v %v", mac, ok)
	}
}

// A vendor's tree says which files are rightly missing (YL-PLAN-1) and whose a file is.
func TestNamesByTheTree(t *testing.T) {
	r := New()
	for _, c := range []struct {
		vendor, product, form string
		want                  Name
	}{
		{"yealink", "T46S", "{mac}.boot", Name{Known: true, Missing: true, Own: true}},
		{"yealink", "T46S", "y000000000066.cfg", Name{Known: true, Common: true}},
		{"yealink", "T46S", "{mac}.cfg", Name{Known: true, Own: true}},
		{"yealink", "T46S", "T46S-66.86.0.15.rom", Name{Class: device.ImageClass}},
		{"flyingvoice", "IP542N", "{mac}.conf", Name{Own: true}},
		{"polycom", "VVX_500", "{mac}-app.log", Name{Class: device.LogClass, Own: true}},
		{"snom", "D785", "snomD785-{MAC}.htm", Name{Known: true, Own: true}},
		{"snom", "D785", "snomD785-{mac}.htm", Name{Own: true}},
	} {
		p, err := vendors.Lookup(c.vendor)
		if err != nil {
			t.Fatal(err)
		}
		if got := NameOf(p, c.product, c.form, false); got != c.want {
			t.Errorf("%s %s: found %+v, want %+v", c.vendor, c.form, got, c.want)
		}
	}
	if w := r.ByName("spa504G.cfg"); w.Vendor == nil || w.Vendor.Name != "cisco-spa" || w.Product != "SPA504G" {
		t.Errorf("spa504G.cfg is of %+v", w)
	}
}

func FuzzRecognise(f *testing.F) {
	f.Add("Yealink SIP-T46S 66.86.0.15 80:5e:c0:d5:7d:72")
	f.Add("Mozilla/4.0 (compatible; snomD785-SIP 10.1")
	r := New()
	f.Fuzz(func(t *testing.T, s string) {
		if w := r.Agent(s, nil); len(w.Product) > 24 || len(w.Software) > 32 {
			t.Errorf("%+v", w)
		}
		r.Class(s, nil)
		form := Form([]byte(s))
		NameOf(vendors.Default(), "", form, false)
		MAC([]byte(s))
	})
}
