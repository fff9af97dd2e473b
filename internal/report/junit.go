package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"provsim/internal/junit"
)

// JUnit writes the validity of the run and each rule as a test case. An invalid run
// is an error, and not a failure of what was tested.
func (r *Results) JUnit(w io.Writer) error {
	s := r.Summary
	suite := junit.Suite{Name: cmp.Or(s.Scenario, "provsim"), Time: junit.Seconds(time.Duration(s.Counts.Duration))}
	if !s.Started.IsZero() {
		suite.Timestamp = junit.Timestamp(s.Started)
	}
	validity := junit.Case{Class: "provsim", Name: "the run is valid"}
	if !s.Validity.Valid {
		validity.Error = &junit.Result{Message: strings.Join(s.Validity.Reasons, "; ")}
	}
	suite.Add(validity)
	for _, t := range s.Thresholds {
		c := junit.Case{Class: "provsim.thresholds", Name: t.Rule()}
		switch {
		case !t.Known:
			c.Skipped = &junit.Result{Message: t.Value}
		case t.Failed:
			c.Failure = &junit.Result{Message: fmt.Sprintf("found %s, want %s", t.Value, t.Rule())}
		}
		suite.Add(c)
	}
	return suite.Write(w)
}
