package main

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/fleet"
)

func TestScenariosOfTrialsAreValid(t *testing.T) {
	at := netip.MustParseAddrPort("127.0.0.1:80")
	for name, text := range map[string]string{
		"soak": soakText(at, 10*time.Minute), "punctual": punctualText(at, time.Minute),
	} {
		s, err := fleet.ParseScenario(name, []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if left := s.PlanOnly(); left != nil {
			t.Errorf("%s: a fleet leaves out %v", name, left)
		}
	}
}

func TestGrowthIsSaid(t *testing.T) {
	low, high := []vitals{{30, 30, 50, 1}, {900, 900, 60, 1}, {31, 31, 51, 1}}, []vitals{{300, 300, 90, 1}}
	if err := growth(low, low); err != nil {
		t.Errorf("a passing peak is said to be growth: %v", err)
	}
	err := growth(low, high)
	if err == nil {
		t.Fatal("growth is not said")
	}
	for _, what := range []string{"goroutines grew from 31.0 to 300", "descriptors", "MB resident"} {
		if !strings.Contains(err.Error(), what) {
			t.Errorf("%q says nothing of %q", err, what)
		}
	}
	if growth(low, nil) == nil {
		t.Error("a fleet that shows nothing is not said")
	}
}

func TestMissingDevicesAreSaid(t *testing.T) {
	whole := func() *summary {
		s := new(summary)
		s.Counts.Devices, s.Counts.Boots, s.Provisioned.Devices = 3, 4, 3
		s.Jobs = []jobs{{Job: "resync", Started: 6, Ended: 5}}
		s.Counts.Outcomes = map[string]map[string]int{"resync": {"unchanged": 4, "timeout": 1}}
		return s
	}
	if err := whole().accounted(vitals{devices: 3}); err != nil {
		t.Error(err)
	}
	for name, lose := range map[string]func(*summary, *vitals){
		"a device without a state": func(_ *summary, last *vitals) { last.devices-- },
		"a device without a boot":  func(s *summary, _ *vitals) { s.Counts.Boots = 2 },
		"an end without outcome":   func(s *summary, _ *vitals) { s.Counts.Outcomes["resync"]["timeout"] = 0 },
		"more ends than starts":    func(s *summary, _ *vitals) { s.Jobs[0].Started = 4 },
	} {
		s, last := whole(), vitals{devices: 3}
		if lose(s, &last); s.accounted(last) == nil {
			t.Errorf("%s is not said", name)
		}
	}
}

// A phone that is asked while it is busy would do nothing more, and the load
// would be less than it is said to be.
func TestPhonesHaveAnAddressEach(t *testing.T) {
	seen := map[device.MAC]bool{}
	for i := range 70000 {
		mac := macOf(i)
		if seen[mac] || phoneOf(mac) != i {
			t.Fatalf("phone %d has address %v, which is phone %d's", i, mac, phoneOf(mac))
		}
		seen[mac] = true
	}
}
