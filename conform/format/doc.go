// Package format writes the report of an examination in the forms that people
// and programs read.
//
// [Formats] lists them; each has a function, such as [SARIF]. The same findings
// give the same bytes, except for the times.
package format

import (
	"io"

	"provsim/conform"
)

// Format is one form of a report.
type Format struct {
	Name string // as users type it
	For  string // its readers, in a few words
	// Write writes the report. Its error is the writer's.
	Write func(io.Writer, *conform.Report) error
}

// Formats returns all forms. The caller owns the slice.
func Formats() []Format {
	return []Format{
		{"text", "people at a terminal", Text},
		{"markdown", "people, on a page", Markdown},
		{"html", "people, in a browser", HTML},
		{"csv", "spreadsheets", CSV},
		{"json", "programs; also a baseline", JSON},
		{"tap", "test harnesses, TAP 14", TAP},
		{"junit", "build servers, JUnit XML", JUnit},
		{"sarif", "code scanning, SARIF 2.1.0; what has failed", SARIF},
		{"sarif-all", "the same, with a result for each check", SARIFAll},
	}
}
