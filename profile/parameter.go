package profile

import (
	"fmt"
	"strings"
)

// Lines is how many lines, and so values of a per-line parameter, a phone has
// (FV-SET-4).
const Lines = 4

// Parameter is what is known about one setting of a vendor's phones.
type Parameter struct {
	Name    string // in configuration files, such as DBID_RESYNC_PERIODIC
	Web     string // on the web page, such as Resync Periodic; "" where it is not there
	Type    Type
	PerLine bool   // up to four values, one for each line, with tabs or blanks between them (FV-SET-4)
	Unit    string // of a number, such as seconds; "" for none
	Default string // as a file would write it; macros allowed
	Meaning string // what it does, in a few words
	Source  string // where that is known from
	Reboots bool   // the phone reboots when it has changed
}

// SameNames gives each parameter its name in files as its name on the web page.
func SameNames(list []Parameter) []Parameter {
	for i := range list {
		list[i].Web = list[i].Name
	}
	return list
}

// Check holds a value against the parameter's type. The error says what was
// found and what is wanted; it never shows a secret.
func (p Parameter) Check(value string) error {
	if !p.PerLine {
		return p.Type.accept(value)
	}
	values := strings.Split(value, "\t")
	if len(values) == 1 {
		values = strings.Fields(value)
	}
	// Blanks separate values as well as tabs do, but they may also be part of a
	// text, so texts are not counted.
	if len(values) > Lines && p.Type != Text && p.Type != Secret {
		return fmt.Errorf("found %d values, want at most %d, one for each line", len(values), Lines)
	}
	for i, one := range values {
		one = strings.Trim(one, blanks)
		if one == "" {
			continue // a line that is left out
		}
		if err := p.Type.accept(one); err != nil {
			return fmt.Errorf("line %d of the phone: %w", i+1, err)
		}
	}
	return nil
}
