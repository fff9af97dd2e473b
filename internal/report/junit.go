package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// junitSuite is what build servers read as the result of a test run.
type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Started  string      `xml:"timestamp,attr,omitempty"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Error   *junitResult `xml:"error"`
	Failure *junitResult `xml:"failure"`
	Skipped *junitResult `xml:"skipped"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
}

// JUnit writes the validity of the run and each threshold as a test case. An
// invalid run is an error, and not a failure of what was tested.
func (r *Results) JUnit(w io.Writer) error {
	s := r.Summary
	suite := junitSuite{Name: s.Scenario, Time: fmt.Sprintf("%.3f", time.Duration(s.Counts.Duration).Seconds())}
	if !s.Started.IsZero() {
		suite.Started = s.Started.UTC().Format("2006-01-02T15:04:05")
	}
	validity := junitCase{Class: "provsim", Name: "the run is valid"}
	if !s.Validity.Valid {
		validity.Error = &junitResult{strings.Join(s.Validity.Reasons, "; ")}
		suite.Errors++
	}
	suite.Cases = append(suite.Cases, validity)
	for _, t := range s.Thresholds {
		c := junitCase{Class: "provsim.thresholds", Name: "not " + t.Expression}
		switch {
		case !t.Known:
			c.Skipped = &junitResult{t.Value}
			suite.Skipped++
		case t.Failed:
			c.Failure = &junitResult{fmt.Sprintf("found %s, the run fails if %s", t.Value, t.Expression)}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests = len(suite.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(suite); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
