// Package junit writes the XML that build servers read as the result of a test run:
// suites of cases, each of which may have failed, been skipped, or been impossible.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// Suites is a test run of several suites. [Suites.Add] keeps its sums.
type Suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"`
	Suites   []Suite  `xml:"testsuite"`
}

// Suite is a number of cases. [Suite.Add] keeps its sums.
type Suite struct {
	XMLName   xml.Name `xml:"testsuite"`
	Name      string   `xml:"name,attr"`
	Tests     int      `xml:"tests,attr"`
	Failures  int      `xml:"failures,attr"`
	Errors    int      `xml:"errors,attr"`
	Skipped   int      `xml:"skipped,attr"`
	Time      string   `xml:"time,attr"`
	Timestamp string   `xml:"timestamp,attr,omitempty"`
	Cases     []Case   `xml:"testcase"`
}

// Case is one test. A case without a result has passed.
type Case struct {
	Class   string  `xml:"classname,attr"`
	Name    string  `xml:"name,attr"`
	Time    string  `xml:"time,attr,omitempty"`
	Failure *Result `xml:"failure"`
	Error   *Result `xml:"error"`
	Skipped *Result `xml:"skipped"`
	Out     string  `xml:"system-out,omitempty"`
}

// Result says why a case did not pass.
type Result struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// Add adds a case to the suite.
func (s *Suite) Add(c Case) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// Add adds a suite to the test run.
func (s *Suites) Add(one Suite) {
	s.Tests, s.Failures, s.Errors = s.Tests+one.Tests, s.Failures+one.Failures, s.Errors+one.Errors
	s.Suites = append(s.Suites, one)
}

// Seconds writes how long something took.
func Seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// Timestamp writes when something began, in UTC.
func Timestamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05") }

// Write writes the suite as a document of its own. Its error is the writer's.
func (s *Suite) Write(w io.Writer) error { return write(w, s) }

// Write writes the test run. Its error is the writer's.
func (s *Suites) Write(w io.Writer) error { return write(w, s) }

func write(w io.Writer, root any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(root); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
