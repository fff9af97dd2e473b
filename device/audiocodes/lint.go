package audiocodes

import (
	"fmt"
	"strings"

	"provsim/profile"
	"provsim/profile/lines"
)

// mostFindings keeps the answer to a large file of another kind readable.
const mostFindings = 1000

// lint says what a phone refuses or leaves out of a configuration that a person has
// written (AC-CFG-1 to AC-CFG-5).
func lint(file string, body []byte, known profile.Table) []profile.Finding {
	var found []profile.Finding
	add := func(line, column int, severity profile.Severity, code, what, why string) {
		if len(found) < mostFindings {
			found = append(found, profile.Finding{File: file, Line: line, Column: column, Severity: severity, Code: code, What: what, Why: why})
		}
	}
	d, wrong, err := read(body, false, true)
	if err == nil && len(d.rows) == 0 {
		add(0, 0, profile.Warning, "AC-CFG-5", "the file has comments only", "another file may include it; as a phone's configuration it is refused")
	}
	if err != nil {
		add(0, 0, profile.Error, "AC-CFG-5", err.Error(), "the phone takes nothing from it and keeps its settings")
	}
	for _, bad := range wrong {
		add(bad.Line, bad.Column, profile.Error, "AC-CFG-1", bad.Why, "the phone leaves the line out")
	}
	if d == nil {
		return found
	}
	seen := map[string]int{}
	for i, row := range d.rows {
		at, column := d.at[i], row.NameAt+1
		if row.Kind == lines.Include || strings.HasPrefix(row.Name, "ems_server/action/") {
			continue
		}
		if before, twice := seen[row.Name]; twice {
			add(at, column, profile.Warning, "AC-CFG-2", fmt.Sprintf("%s is also in line %d", row.Name, before), "the last value counts")
		}
		seen[row.Name] = at
		p, ok := known.Named(row.Name)
		if !ok {
			if near, likely := known.Nearest(row.Name); likely {
				add(at, column, profile.Warning, "AC-CFG-3", "unknown name "+profile.Quote(row.Name)+", probably "+near, "the phone keeps it and does nothing with it; names are case-sensitive")
			}
			continue
		}
		if _, encrypted := sealed(row.Value); encrypted || row.Value == "" {
			continue
		}
		if err := p.Check(row.Value); err != nil {
			add(at, row.ValueAt+1, profile.Error, p.Source, row.Name+": "+err.Error(), "the phone keeps its old value")
		}
	}
	return found
}
