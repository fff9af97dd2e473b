package device

import (
	"fmt"
	"slices"
	"strings"

	"provsim/internal/nearest"
)

// Quirk is a named switch for a point on which documents or generations of
// firmware disagree.
type Quirk struct {
	Name    string
	Values  []string // the first is the default; none: the quirk is off or on
	Rule    string   // the rule that it changes
	Meaning string   // what it does when it is on, or what the values are
	Source  string
}

// Quirks are the quirks of a device that are not at their defaults, by name;
// the value of a switch is "on".
type Quirks map[string]string

// On reports whether a switch is on.
func (q Quirks) On(name string) bool { return q[name] == "on" }

// ParseQuirks reads settings in the form NAME or NAME=VALUE. The error names
// the nearest quirk or value.
func (p *Personality) ParseQuirks(settings []string) (Quirks, error) {
	quirks := Quirks{}
	for _, s := range settings {
		name, value, given := strings.Cut(s, "=")
		i := slices.IndexFunc(p.Quirks, func(q Quirk) bool { return q.Name == name })
		if i < 0 {
			return nil, unknown("quirk", name, p.quirkNames())
		}
		values := p.Quirks[i].Values
		if len(values) == 0 {
			values = []string{"off", "on"}
			if !given {
				value = "on"
			}
		}
		if !slices.Contains(values, value) {
			return nil, fmt.Errorf("quirk %s: %w", name, unknown("value", value, values))
		}
		quirks[name] = value
	}
	return quirks, nil
}

func (p *Personality) quirkNames() []string {
	names := make([]string, len(p.Quirks))
	for i, q := range p.Quirks {
		names[i] = q.Name
	}
	return names
}

// unknown says that a word is none of those that are known, and which is the
// nearest.
func unknown(what, word string, known []string) error {
	if near, ok := nearest.Name(word, known); ok {
		return fmt.Errorf("unknown %s %q, did you mean %q?", what, word, near)
	}
	return fmt.Errorf("unknown %s %q, want one of %s", what, word, strings.Join(known, ", "))
}
