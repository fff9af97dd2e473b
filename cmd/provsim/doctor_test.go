package main

import (
	"strings"
	"testing"

	"provsim/internal/egress"
	"provsim/internal/limits"
)

func TestDiagnose(t *testing.T) {
	small := limits.Readings{CPUs: 2, MemoryLimit: 1 << 30, DescriptorLimit: 1024, PortLimit: 28232}
	for _, test := range []struct {
		name             string
		devices, sources int
		raise            []string // the parts that are not enough
	}{
		{"a few phones", 8, 1, nil},
		{"many phones with addresses of their own, which share the files", 1000, 1000, []string{"open files"}},
		{"more files than allowed", 1000, 1, []string{"open files"}},
		{"more phones than ports", 50_000, 1, []string{"open files", "ports"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var raise []string
			for _, d := range diagnose(small, test.devices, test.sources) {
				if d.Part == "clock" {
					continue // of this machine
				}
				if !d.Enough {
					raise = append(raise, d.Part)
					if d.Do == "" {
						t.Errorf("%s: not enough, and no word on what to do", d.Part)
					}
				}
			}
			if strings.Join(raise, ", ") != strings.Join(test.raise, ", ") {
				t.Errorf("to raise: %q, want %q", raise, test.raise)
			}
		})
	}
}

func TestSourceAddresses(t *testing.T) {
	for _, test := range []struct {
		net    string
		enough bool
	}{{"127.0.0.0/30", true}, {"192.0.2.0/30", false}} {
		pool, err := egress.ParsePool(test.net)
		if err != nil {
			t.Fatal(err)
		}
		d := sourceAddresses(pool, []string{test.net}, 2)
		if d.Enough != test.enough || !d.Enough && d.Do != "ip route add local "+test.net+" dev lo" {
			t.Errorf("%s: %+v", test.net, d)
		}
	}
}
