package fleet

import (
	"errors"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/resync"
)

// The modelled server has what the phones of each vendor ask for: all are provisioned
// with the settings of the scenario, and what is missing is missing as expected.
func TestPlanOfEachVendor(t *testing.T) {
	for _, vendor := range vendors.All() {
		s := parse(t, "devices: 40\nduration: 2h\npopulation: {vendor: "+vendor.Name+"}\n")
		r, err := Plan(t.Context(), s, Options{})
		if vendor.Tree == nil {
			if !errors.Is(err, ErrVendor) {
				t.Errorf("%s has no tree: error %v", vendor.Name, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", vendor.Name, err)
		}
		totals := r.Tally.Totals()
		if sum := totals.Summary(r.Run(), nil); sum.Provisioned.Count != 40 || totals.Failing != 0 {
			t.Errorf("%s: %d of 40 provisioned, %d failing", vendor.Name, sum.Provisioned.Count, totals.Failing)
		}
		for _, requests := range totals.Requests() {
			if requests.Failed > 0 {
				t.Errorf("%s: %d requests of class %v failed, and not as expected", vendor.Name, requests.Failed, requests.Class)
			}
		}
	}
}

// A Yealink phone asks for two boot files that the server does not have (YL-PLAN-1,
// YL-PLAN-2), and takes a rollout that raises only the version at its next resync
// (YL-CHG-1).
func TestPlanOfYealink(t *testing.T) {
	s := parse(t, `
devices: 30
duration: 5h
population:
  vendor: yealink
  settings: [{set: {static.auto_provision.repeat.enable: 1, static.auto_provision.repeat.minutes: 60}}]
configuration: {per-device: {account.1.user_name: $MAC}}
events: [{at: 150m, rollout: {version: 2}}]
`)
	r := plan(t, s, Options{})
	totals := r.Tally.Totals()
	config := totals.Requests()[0]
	if config.Class != device.ConfigClass || config.Missed*2 != config.Count || config.Failed != 0 {
		t.Errorf("%d requests, %d missed as expected, %d failed; want half of them missed", config.Count, config.Missed, config.Failed)
	}
	if applied := totals.Outcomes[resync.Resync][resync.Applied]; applied != 60 {
		t.Errorf("%d resyncs applied a file, want one a version and phone", applied)
	}
}

// Phones whose addresses have letters, digits alone or both find their own files by
// patterns, and wrong case finds none.
func TestTreeNamesAreFoundByPattern(t *testing.T) {
	s := parse(t, "devices: 300\npopulation: {vendor: snom, mac: \"00:04:13:00:00:00\"}\n")
	c := inventoryOf(t, s)
	f, err := newFileServer(c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Len() {
		mac := c.MAC(i)
		for _, name := range []string{mac.Upper(), mac.String()} {
			req := &device.Request{From: device.Identity{MAC: mac}}
			req.Path = "/p/snomD785-" + name + ".htm"
			_, outcome := f.find(0, i, req)
			if want := name == mac.Upper(); (outcome == resync.None) != want {
				t.Fatalf("%s: outcome %v", req.Path, outcome)
			}
		}
	}
}

// What a scenario asks of a vendor's phones that they do not have is refused.
func TestVendorsWithoutRules(t *testing.T) {
	for text, want := range map[string]string{
		"population: {vendor: yealink, profile-rule: \"http://h/x\"}\n":                                      "Yealink phones have no such rule, want option66",
		"population: {vendor: snom}\nevents: [{at: 1h, firmware: {version: 2, rule: \"http://h/x.bin\"}}]\n": "Snom phones have no Upgrade Rule",
	} {
		if _, err := ParseScenario("a.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", text, err, want)
		}
	}
}

// Days of phones that ask for one file and for four in each resync.
func BenchmarkPlanVendor(b *testing.B) {
	for _, vendor := range []string{"flyingvoice", "cisco-spa", "yealink"} {
		b.Run(vendor, func(b *testing.B) {
			s := &Scenario{
				Devices: 10_000, Duration: 24 * time.Hour,
				Population: Population{Vendor: vendor, Option66: "http://192.0.2.1/"},
				Server:     DefaultServer(),
			}
			if vendor == "yealink" {
				s.Population.Settings = []SettingsMix{{Set: map[string]string{
					"static.auto_provision.repeat.enable": "1", "static.auto_provision.repeat.minutes": "60",
				}}}
			}
			s.Server.HTTP.Workers, s.Server.HTTP.Queue = 64, 1<<20
			b.ReportAllocs()
			transfers := 0.0
			for b.Loop() {
				r, err := Plan(b.Context(), s, Options{})
				if err != nil {
					b.Fatal(err)
				}
				transfers = float64(r.Server.Requests)
			}
			b.ReportMetric(transfers, "transfers")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/transfers, "ns/transfer")
		})
	}
}
