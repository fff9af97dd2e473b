package format

import (
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/internal/junit"
)

// JUnit writes a suite for each group of checks, and vendor where there are several.
func JUnit(w io.Writer, r *conform.Report) error {
	all := junit.Suites{Name: "provsim check", Time: junit.Seconds(r.Took)}
	for i := 0; i < len(r.Results); {
		s := junit.Suite{Name: path.Dir(r.Results[i].Name()), Timestamp: junit.Timestamp(r.Began)}
		took := time.Duration(0)
		for ; i < len(r.Results) && path.Dir(r.Results[i].Name()) == s.Name; i++ {
			s.Add(junitCase(s.Name, &r.Results[i]))
			took += r.Results[i].Took
		}
		s.Time = junit.Seconds(took)
		all.Add(s)
	}
	return all.Write(w)
}

func junitCase(group string, r *conform.Result) junit.Case {
	c := junit.Case{Class: "provsim." + strings.ReplaceAll(group, " ", "."), Name: r.Name() + " " + r.Check.Title, Time: junit.Seconds(r.Took)}
	switch {
	case r.Verdict == check.Errored:
		c.Error = &junit.Result{Message: r.Detail, Type: "error"}
	case r.Verdict == check.Skipped:
		c.Skipped = &junit.Result{Message: r.Detail}
	case r.Bad():
		c.Failure = &junit.Result{
			Message: r.Actual, Type: r.Check.Level.String(),
			Text: fmt.Sprintf("%s (%s)\nexpected: %s\nactual: %s\n%s", r.Check.Requirement, r.Check.Source, r.Expected, r.Actual, r.Detail),
		}
	case r.Verdict == check.Failed:
		c.Out = fmt.Sprintf("%s: expected %s, actual %s", word(r), r.Expected, r.Actual)
	}
	return c
}
