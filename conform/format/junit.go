package format

import (
	"encoding/xml"
	"fmt"
	"io"
	"path"

	"provsim/conform"
	"provsim/conform/check"
)

// The form that build servers read: suites of cases, of which each may have
// failed, been skipped, or been impossible.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Time      string      `xml:"time,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		Time    string       `xml:"time,attr"`
		Failure *junitReason `xml:"failure"`
		Error   *junitReason `xml:"error"`
		Skipped *junitReason `xml:"skipped"`
		Out     string       `xml:"system-out,omitempty"`
	}
	junitReason struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a suite for each group of checks.
func JUnit(w io.Writer, r *conform.Report) error {
	all := junitSuites{Name: "provsim check", Time: seconds(r.Took.Seconds())}
	took := 0.0
	for i := range r.Results {
		result := &r.Results[i]
		group := path.Dir(result.Check.ID)
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != group {
			all.Suites = append(all.Suites, junitSuite{Name: group, Timestamp: r.Began.UTC().Format("2006-01-02T15:04:05")})
			took = 0
		}
		s := &all.Suites[len(all.Suites)-1]
		s.add(result)
		took += result.Took.Seconds()
		s.Time = seconds(took)
	}
	for _, s := range all.Suites {
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(r *conform.Result) {
	c := junitCase{Class: "provsim." + s.Name, Name: r.Check.ID + " " + r.Check.Title, Time: seconds(r.Took.Seconds())}
	switch {
	case r.Verdict == check.Errored:
		c.Error = &junitReason{Message: r.Detail, Type: "error"}
		s.Errors++
	case r.Verdict == check.Skipped:
		c.Skipped = &junitReason{Message: r.Detail}
		s.Skipped++
	case r.Bad():
		c.Failure = &junitReason{
			Message: r.Actual, Type: r.Check.Level.String(),
			Text: fmt.Sprintf("%s (%s)\nexpected: %s\nactual: %s\n%s", r.Check.Requirement, r.Check.Source, r.Expected, r.Actual, r.Detail),
		}
		s.Failures++
	case r.Verdict == check.Failed:
		c.Out = fmt.Sprintf("%s: expected %s, actual %s", word(r), r.Expected, r.Actual)
	}
	s.Tests++
	s.Cases = append(s.Cases, c)
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
