package profile

import (
	"fmt"
	"strings"
)

// Severity says how much a finding matters.
type Severity uint8

// The severities.
const (
	Info    Severity = iota // as it is, it works
	Warning                 // it works, but probably not as meant
	Error                   // the phone refuses or ignores it
)

// String returns the word that JSON has too.
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText returns the word of String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is one thing that [Lint] has to say about a file. It shows no secret.
type Finding struct {
	File     string   `json:"file"`
	Line     int      `json:"line,omitempty"`   // counted from 1; 0 for the whole file
	Column   int      `json:"column,omitempty"` // in characters, counted from 1
	Severity Severity `json:"severity"`
	Code     string   `json:"code"` // the rule that it is about, such as FV-CFG-5
	What     string   `json:"what"`
	Why      string   `json:"why"` // what follows from it, and what to do
}

// String returns "file:line:col: what (why)", without the places for the whole
// file.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	fmt.Fprintf(&b, ": %s (%s)", f.What, f.Why)
	return b.String()
}
