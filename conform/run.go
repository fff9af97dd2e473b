package conform

import (
	"testing"

	"provsim/conform/check"
)

// Run examines a target from a Go test, with a subtest for each check: one that
// fails on level must or should fails the test, a skipped one is skipped, and
// what is found on level info is logged. It stops with the test's context.
func Run(t *testing.T, target check.Target, o Options) {
	t.Helper()
	report, err := Examine(t.Context(), target, o)
	if err != nil {
		t.Fatalf("provisioning check: %v", err)
	}
	for _, r := range report.Results {
		t.Run(r.Check.ID, func(t *testing.T) { tell(t, r) })
	}
}

// tell reports the result of a check in a test.
func tell(t *testing.T, r Result) {
	t.Helper()
	switch r.Verdict {
	case check.Skipped:
		t.Skip(r.Detail)
	case check.Errored:
		t.Errorf("%s: could not be checked: %s", r.Check.Title, r.Detail)
	case check.Failed:
		say := t.Errorf
		if r.Check.Level == check.Info {
			say = t.Logf
		}
		say("%s: %s (%s)\nexpected: %s\nactual:   %s\n%s", r.Check.Title, r.Check.Requirement, r.Check.Source, r.Expected, r.Actual, r.Detail)
	}
}
