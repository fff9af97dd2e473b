package device

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/internal/nearest"
)

// Quirk is a named switch for a point on which documents or generations of
// firmware disagree.
type Quirk struct {
	Name    string
	Values  []string // the first is the default; none: the quirk is off or on
	Seconds bool     // the value is whole seconds; 0, the default, is off
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
		if p.Quirks[i].Seconds {
			if n, err := strconv.ParseUint(value, 10, 31); err != nil || n == 0 {
				return nil, fmt.Errorf("quirk %s: found %q, want whole seconds from 1 to 2147483647", name, value)
			}
			quirks[name] = value
			continue
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

// Seconds returns the value of a quirk that is a time; 0 where it is off.
func (q Quirks) Seconds(name string) time.Duration {
	n, err := strconv.ParseUint(q[name], 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// unknown returns the error of a word that is not known, with the nearest known one.
func unknown(what, word string, known []string) error {
	if near, ok := nearest.Name(word, known); ok {
		return fmt.Errorf("unknown %s %q, did you mean %q?", what, word, near)
	}
	return fmt.Errorf("unknown %s %q, want one of %s", what, word, strings.Join(known, ", "))
}
