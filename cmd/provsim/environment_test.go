package main

import (
	"strings"
	"testing"
)

func TestFlagsFromTheEnvironment(t *testing.T) {
	variables := map[string]string{
		"PROVSIM_FLEET_DEVICES": "20k", "PROVSIM_FLEET_FAIL_IF": "failed > 1%", "PROVSIM_FLEET_SEED": "7", "PROVSIM_PLAN_SEED": "8",
	}
	lookup := func(name string) (string, bool) { v, ok := variables[name]; return v, ok }
	fs := flagSet("fleet")
	fleetCommand.setup(fs)
	if err := fs.Parse([]string{"--seed", "9"}); err != nil {
		t.Fatal(err)
	}
	if err := setFromEnvironment(fs, lookup); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"devices": "20000", "fail-if": "[failed > 1%]", "seed": "9"} {
		if got := fs.Lookup(name).Value.String(); got != want {
			t.Errorf("--%s is %q, want %q", name, got, want)
		}
	}
	variables["PROVSIM_FLEET_FOR"] = "soon"
	err := setFromEnvironment(fs, lookup)
	if err == nil || !strings.Contains(err.Error(), "PROVSIM_FLEET_FOR: ") || !strings.Contains(err.Error(), "90s or 1h30m") {
		t.Errorf("a bad value: %v", err)
	}
}
