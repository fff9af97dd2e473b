package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run that would do nothing is wrong usage, with the reason, and writes no
// results.
func TestNothingToDo(t *testing.T) {
	late := filepath.Join(t.TempDir(), "late.yaml")
	if err := os.WriteFile(late, []byte("duration: 1h\nphases: [{at: 2h}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		want string
	}{
		{"fleet --devices 2 --for 1s", "no phone has a server to ask"},
		{"fleet --scenario power-cut --devices 2", "no phone has a server to ask"},
		{"fleet --devices 2 --for 1s --profile-rule http://127.0.0.1:1/x --start-at 2001-09-09T01:46:40Z", "is in the past"},
		{"plan --scenario power-cut --devices 2 --for 1h", "event 1, power-cut: it comes at 1h15m, and the run ends at 1h"},
		{"plan --scenario power-cut --devices 2 --for 1h --find random-delay", "event 1, power-cut"},
		{"plan --devices 2 --scenario " + late, "the first phone is switched on at 2h, and the run ends at 1h"},
	} {
		out := filepath.Join(t.TempDir(), "out")
		var said bytes.Buffer
		code := execute(&env{ctx: t.Context(), hard: t.Context(), out: &said, err: &said, args: append(strings.Fields(c.args), "--out", out)})
		if code != exitUsage || !strings.Contains(said.String(), c.want) {
			t.Errorf("%s: exit code %d, %q, want 2 and %q", c.args, code, said.String(), c.want)
		}
		if _, err := os.Stat(filepath.Join(out, "summary.json")); err == nil {
			t.Errorf("%s: wrote results", c.args)
		}
	}
}

// What a flag says wrong is named in words, not by its place in a scenario.
func TestFaultsOfFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--fail-if often":              `threshold 1: `,
		"--set DBID_RESYNC_PERIODIK=1": `is unknown to the device`,
		"--devices 6000000":            "--devices 6000000, want 1 to 5000000",
		"--for 800h":                   "duration: found 800h, want 1s to 744h",
	} {
		var said bytes.Buffer
		code := execute(&env{ctx: t.Context(), hard: t.Context(), out: &said, err: &said, args: append([]string{"plan"}, strings.Fields(args)...)})
		if code != exitUsage || !strings.Contains(said.String(), want) || strings.ContainsAny(said.String(), "[]") {
			t.Errorf("%s: exit code %d, %q, want 2 and %q", args, code, said.String(), want)
		}
	}
}
