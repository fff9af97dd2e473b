package inventory

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"provsim/device"
	"provsim/fleet/scenario"
	"provsim/profile"
)

// ofList returns the inventory of a shard of a scenario with a list of phones.
func ofList(t *testing.T, text, rows string, shard Shard) (*Inventory, error) {
	t.Helper()
	s, err := scenario.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if s.Population.List, err = scenario.ReadPhones("p.csv", strings.NewReader(rows)); err != nil {
		t.Fatal(err)
	}
	return New(s, shard)
}

// A phone of a list is as its row says, in every shard, and what the row leaves out is
// as the scenario says.
func TestPhonesOfAList(t *testing.T) {
	const text = `
population:
  phones: p.csv
  mac: 0021f2000000
  serial: X$MA
  option66: 192.0.2.1
  products: [{product: G504N}]
  settings: [{set: {Resync Random Delay: 7}}]
`
	const rows = `mac,vendor,product,serial,server,rule,ip
805ec0d57d72,,T46S,,http://192.0.2.9/token/,,10.9.9.9
0021f2ffffff,,,S-1,,http://192.0.2.8/$MA.cfg,
,,,,,,
0004f2000001,,,,http://192.0.2.9/poly/,,
`
	type want struct {
		mac, vendor, product, serial, addr, setting, value, option string
	}
	wants := []want{
		{"805ec0d57d72", "yealink", "T46S", "X$MA", "10.9.9.9", "static.auto_provision.server.url", "http://192.0.2.9/token/", ""},
		{"0021f2ffffff", "flyingvoice", "G504N", "S-1", "10.0.0.2", "Profile Rule", "http://192.0.2.8/$MA.cfg", ""},
		{"0021f2000002", "flyingvoice", "G504N", "X0021f2000002", "10.0.0.3", "Resync Random Delay", "7", "192.0.2.1"},
		{"0004f2000001", "polycom", "SPIP_450", "X$MA", "10.0.0.4", "", "", "http://192.0.2.9/poly/"},
	}
	filled := strings.Replace(rows, "\n,,,,,,\n", "\n,flyingvoice,,,,,\n", 1) // a row says something
	for _, shard := range []Shard{{}, {0, 3}, {1, 3}, {2, 3}} {
		v, err := ofList(t, text, filled, shard)
		if err != nil {
			t.Fatal(err)
		}
		for i := range v.Len() {
			w, personality, id := wants[v.Number(i)], v.ModelOf(i).Personality, v.Identity(i)
			if id.MAC.String() != w.mac || personality.Name != w.vendor || id.Product != w.product || v.Lease(i).Addr != netip.MustParseAddr(w.addr) || v.Index(id.MAC) != i {
				t.Errorf("shard %v: %+v of %s at %v, place %d; want %+v", shard, id, personality.Name, v.Lease(i).Addr, v.Index(id.MAC), w)
			}
			if made := v.Product(i).Serial(id.MAC); made != id.Serial || made != w.serial {
				t.Errorf("%s has the serial number %q and makes %q, want %q", w.mac, id.Serial, made, w.serial)
			}
			option := uint8(66)
			if w.vendor == "polycom" {
				option = 160
			}
			if got := v.Lease(i).Offer.Text(option); got != w.option {
				t.Errorf("%s gets option %d %q, want %q", w.mac, option, got, w.option)
			}
			if value := settingOf(personality, v.Stored(i), w.setting); value != w.value {
				t.Errorf("%s has %s %q, want %q", w.mac, w.setting, value, w.value)
			}
		}
		if shard == (Shard{}) {
			hosts := v.Hosts()
			for _, want := range []Host{{"http", "192.0.2.9"}, {"http", "192.0.2.8"}, {"tftp", "192.0.2.1"}} {
				if !slices.Contains(hosts, want) {
					t.Errorf("the phones ask %v, want %v too", hosts, want)
				}
			}
		}
	}
}

func settingOf(p *device.Personality, s *device.Stored, web string) string {
	parameter, ok := p.Parameters.Find(web)
	if !ok {
		parameter = profile.Parameter{Name: web}
	}
	value, _ := s.Config.Get(parameter.Name)
	return value
}

// An address that follows from a phone's place is no other phone's, and a list that was
// not read is no empty one.
func TestListsThatCannotRun(t *testing.T) {
	_, err := ofList(t, "population: {phones: p.csv}\n", "mac,ip\n,10.0.0.9\n0021f2000000,\n", Shard{})
	if err == nil || !strings.HasPrefix(err.Error(), "p.csv:3: mac: found 0021f2000000 twice, phone 1 has it too") {
		t.Errorf("error %v, want that of two phones with one address", err)
	}
	s, err := scenario.Parse("test.yaml", []byte("population: {phones: p.csv}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(s, Shard{}); err == nil || !strings.Contains(err.Error(), "p.csv was not read") {
		t.Errorf("error %v, want that the list was not read", err)
	}
}

// A list costs what its phones do not have in common: 30,000 phones of three vendors
// on two servers share their memories and leases.
func TestListsShare(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("mac,product,server\n")
	for i := range 30_000 {
		fmt.Fprintf(&rows, "%s%06x,,http://192.0.2.%d/\n", []string{"805ec0", "000413", "0021f2"}[i%3], i, 1+i/3%2)
	}
	v, err := ofList(t, "population: {phones: p.csv}\n", rows.String(), Shard{})
	if err != nil {
		t.Fatal(err)
	}
	stored := map[*device.Stored]bool{}
	products := map[*device.Product]bool{}
	for i := range v.Len() {
		stored[v.Stored(i)] = true
		products[v.Product(i)] = true
	}
	if len(stored) != 6 || len(products) != 3 {
		t.Errorf("%d memories and %d products, want 6 and 3", len(stored), len(products))
	}
}
