// Package proof tests the checks of a group: each passes on a good server setup
// and fails, alone, on one that breaks its requirement.
package proof

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
)

// Patience of the checks under proof. A server in the same process answers much
// sooner on a quiet machine. On a busy one it may not: what does not come out as
// it should is asked once more with [Calm] times the patience.
const Patience = 500 * time.Millisecond

// Calm is how many times the patience is enough on a busy machine, too.
const Calm = 10

// A Mutant is a server setup that breaks one requirement.
type Mutant struct {
	// Setup starts it; it ends with the test.
	Setup func(testing.TB) check.Target
	// Expected and Actual are what the finding must say, or parts of it.
	Expected, Actual string
	// Also are checks of the group that cannot but fail with this one, because
	// the requirement is a part of theirs.
	Also []string
	// Patience in place of the usual one, where the mutant is slow on purpose.
	Patience time.Duration
}

// Mutants are those of a group by the ID of the check that they fail. Where a
// check has several, a blank and a word follow the ID: "tftp/4 late".
type Mutants map[string]Mutant

// Prove proves a group of checks.
func Prove(t *testing.T, checks []check.Check, good func(testing.TB) check.Target, mutants ...Mutants) {
	t.Helper()
	all := merge(t, mutants)
	t.Run("literals", func(t *testing.T) { literals(t, checks, all) })
	t.Run("good", func(t *testing.T) {
		t.Parallel()
		prove(t, func(patience time.Duration) (faults []string) {
			for _, r := range examine(t, checks, good(t), patience, true).Results {
				if r.Verdict != check.Passed {
					faults = append(faults, fmt.Sprintf("%s %s: %v on a good server; expected %q, actual %q, %s", r.Check.ID, r.Check.Title, r.Verdict, r.Expected, r.Actual, r.Detail))
				}
			}
			return faults
		}, 0)
	})
	for key, m := range all {
		t.Run(strings.ReplaceAll(key, " ", "-"), func(t *testing.T) {
			t.Parallel()
			prove(t, func(patience time.Duration) []string {
				return faults(id(key), m, examine(t, checks, m.Setup(t), patience, heavy(checks, id(key))))
			}, m.Patience)
		})
	}
}

// prove asks a setup, and once more with ten times the patience if something
// came out wrong. It reports the faults of the second time.
func prove(t *testing.T, ask func(patience time.Duration) (faults []string), patience time.Duration) {
	t.Helper()
	patience = cmp.Or(patience, Patience)
	if len(ask(patience)) == 0 {
		return
	}
	for _, fault := range ask(Calm * patience) {
		t.Error(fault)
	}
}

// id returns the check's ID of a key of Mutants.
func id(key string) string {
	before, _, _ := strings.Cut(key, " ")
	return before
}

func merge(t *testing.T, several []Mutants) Mutants {
	t.Helper()
	all := Mutants{}
	for _, mutants := range several {
		for key, m := range mutants {
			if _, twice := all[key]; twice {
				t.Fatalf("two mutants %q", key)
			}
			all[key] = m
		}
	}
	return all
}

// literals holds the checks themselves against the rules of the catalogue.
func literals(t *testing.T, checks []check.Check, all Mutants) {
	proved := map[string]bool{}
	for key := range all {
		proved[id(key)] = true
	}
	for i, c := range checks {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if slices.ContainsFunc(checks[:i], func(other check.Check) bool { return other.ID == c.ID }) {
			t.Errorf("%s is there twice", c.ID)
		}
		if !proved[c.ID] {
			t.Errorf("%s has no mutant: nothing proves that it can fail", c.ID)
		}
		delete(proved, c.ID)
	}
	for key := range proved {
		t.Errorf("mutant %s is of no check", key)
	}
}

// heavy reports whether a check loads the server. Those that do are left out
// where the mutant is another's: all mutants run at once, on one machine.
func heavy(checks []check.Check, id string) bool {
	return slices.ContainsFunc(checks, func(c check.Check) bool {
		return c.ID == id && slices.Contains(c.Needs, check.Heavy)
	})
}

func examine(t *testing.T, checks []check.Check, target check.Target, patience time.Duration, heavy bool) *conform.Report {
	t.Helper()
	report, err := conform.Examine(t.Context(), target, conform.Options{
		Checks: checks, Patience: patience, Timeout: 2 * time.Minute, Allow: check.Allow{Heavy: heavy, Destructive: true, Login: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// faults compares the findings on a mutant with what they must be.
func faults(id string, m Mutant, report *conform.Report) (all []string) {
	wrong := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, r := range report.Results {
		meant := r.Check.ID == id
		switch {
		case meant && r.Verdict != check.Failed:
			wrong("%s: %v, want it to fail; actual %q, %s", r.Check.ID, r.Verdict, r.Actual, r.Detail)
		case meant && (m.Expected == "" || m.Actual == "" || !strings.Contains(r.Expected, m.Expected) || !strings.Contains(r.Actual, m.Actual)):
			wrong("%s: expected %q, actual %q, want parts %q and %q", r.Check.ID, r.Expected, r.Actual, m.Expected, m.Actual)
		case !meant && r.Verdict != check.Passed && r.Verdict != check.Skipped && !slices.Contains(m.Also, r.Check.ID):
			wrong("%s: %v as well; expected %q, actual %q, %s", r.Check.ID, r.Verdict, r.Expected, r.Actual, r.Detail)
		}
	}
	return all
}
