package dhcp_test

import (
	"strings"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/dhcp"
	"provsim/conform/internal/testing/proof"
)

// Whatever option 66 is, each check says something about it, and none shows a
// password.
func TestHostileOption66(t *testing.T) {
	for _, test := range []struct{ name, value string }{
		{"control characters", "\x01\x02\x1b[2J"},
		{"NULs", strings.Repeat("\x00", 200)},
		{"no UTF-8", "\xff\xfe\xfd"},
		{"a long name", strings.Repeat("n", 250)},
		{"a password", "http://u:xyzzy@127.0.0.1:1/"},
		{"a password without an end", "http://u:xyzzy@[::"},
		{"a key", "[--key xyzzy]tftp://127.0.0.1:1/x"},
		{"macros", "$(MAU:99999999999999999999)$$$PN$("},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := start(t, func(s *setup) { s.Option66 = test.value })
			report, err := conform.Examine(t.Context(), target, conform.Options{Checks: dhcp.Checks(), Patience: 4 * proof.Patience})
			if err != nil {
				t.Fatal(err)
			}
			bad := 0
			for _, r := range report.Results {
				text := r.Expected + r.Actual + r.Detail
				if r.Verdict == check.Errored || strings.Contains(text, "xyzzy") {
					t.Errorf("%s: %v, %s", r.Check.ID, r.Verdict, text)
				}
				if r.Verdict == check.Failed {
					bad++
				}
			}
			if bad == 0 {
				t.Error("no check fails")
			}
		})
	}
}

// A phone with a rule does not look at option 66, whatever that is.
func TestRuleMakesOption66Irrelevant(t *testing.T) {
	target := start(t, func(s *setup) {
		s.Option66 = ""
		s.Target = func(t *check.Target) { t.ProfileRule = "http://127.0.0.1:1/x" }
	})
	report, err := conform.Examine(t.Context(), target, conform.Options{Checks: dhcp.Checks(), Patience: 4 * proof.Patience})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict != check.Passed && r.Verdict != check.Skipped {
			t.Errorf("%s: %v, expected %q, actual %q, %s", r.Check.ID, r.Verdict, r.Expected, r.Actual, r.Detail)
		}
	}
	if r := report.Results[0]; r.Verdict != check.Skipped {
		t.Errorf("%s: %v, want it to be skipped", r.Check.ID, r.Verdict)
	}
}
