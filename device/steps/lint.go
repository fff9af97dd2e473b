package steps

import (
	"cmp"
	"fmt"
	"slices"

	"provsim/profile"
)

// Linter gathers what is wrong with a file of settings.
type Linter struct {
	File   string
	Known  profile.Table
	Rule   string // the vendor's rule about settings that stand twice
	Values string // the rule about values; "": the source of the parameter is a rule

	seen     map[string]int // the line of each name so far
	findings []profile.Finding
}

// mostFindings keeps the answer to a large file of another kind readable.
const mostFindings = 1000

// Add adds a finding; line 0 is the whole file.
func (l *Linter) Add(line, column int, s profile.Severity, code, what, why string) {
	switch len(l.findings) {
	case mostFindings:
		line, column, s, what, why = 0, 0, profile.Info, fmt.Sprintf("more than %d findings", mostFindings), "the others are left out"
	case mostFindings + 1:
		return
	}
	l.findings = append(l.findings, profile.Finding{File: l.File, Line: line, Column: column, Severity: s, Code: code, What: what, Why: why})
}

// Refused adds the error of a file of which the phone takes nothing.
func (l *Linter) Refused(err error, code, why string) {
	line := profile.CorruptLine(err)
	l.Add(line, min(line, 1), profile.Error, code, err.Error(), why)
}

// Setting looks at one setting: whether it stands twice, and whether its value is in
// its range.
func (l *Linter) Setting(line, column int, name, value string) {
	if first, twice := l.seen[name]; twice {
		l.Add(line, column, profile.Warning, l.Rule, fmt.Sprintf("%s stands in line %d already", profile.Quote(name), first), "the last value counts")
	}
	if l.seen == nil {
		l.seen = map[string]int{}
	}
	l.seen[name] = line
	p, known := l.Known.Named(name)
	if !known || value == "" {
		return
	}
	if err := p.Check(value); err != nil {
		l.Add(line, column, profile.Error, cmp.Or(l.Values, p.Source), fmt.Sprintf("%s: %v", name, err), "the phone keeps the value that it has")
	}
}

// Config looks at the settings of a file, and at the lines that the phone leaves out,
// which code is about. It returns all findings.
func (l *Linter) Config(config profile.Config, code string) []profile.Finding {
	for _, bad := range config.Bad() {
		l.Add(bad.Line, bad.Column, profile.Error, code, bad.Why, "the phone leaves the line out")
	}
	for name, value := range config.All() {
		l.Setting(config.Line(name), 1, name, value)
	}
	return l.Findings()
}

// Findings returns what was found, in the order of the lines.
func (l *Linter) Findings() []profile.Finding {
	slices.SortStableFunc(l.findings, func(a, b profile.Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l.findings
}
