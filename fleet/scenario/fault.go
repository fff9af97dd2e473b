package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Fault is one thing that is wrong with a scenario.
type Fault struct {
	File   string // the name that Parse got; empty for a scenario that was made in Go
	Line   int    // counted from 1; 0 where it is not known
	Column int    // from 1; 0: not known
	Path   string // which field, such as events[2].power-cut.for
	Text   string // what was found, and what is wanted
}

// String returns FILE:LINE:COLUMN: PATH: TEXT, as far as they are known.
func (f Fault) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File)
		for _, n := range []int{f.Line, f.Column} {
			if n > 0 {
				b.WriteString(":" + strconv.Itoa(n))
			}
		}
		b.WriteString(": ")
	}
	if f.Path != "" {
		b.WriteString(words(f.Path) + ": ")
	}
	b.WriteString(f.Text)
	return b.String()
}

// paths are the forms of a path that ends in a setting, and of one that goes through a list.
var paths = sync.OnceValue(func() (p struct{ setting, list *regexp.Regexp }) {
	p.setting = regexp.MustCompile(`(?:^population\.settings\[\d+\]\.set|^configuration\.settings|\.settings)\.(.+)$`)
	p.list = regexp.MustCompile(`(?:^population\.)?\b([a-z]+)s\[(\d+)\]\.?`)
	return p
})

// words returns a path in words, with things counted from 1: "event 3,
// power-cut.for".
func words(path string) string {
	path = paths().setting.ReplaceAllStringFunc(path, func(found string) string {
		named := fmt.Sprintf("setting %q", paths().setting.FindStringSubmatch(found)[1])
		if strings.HasPrefix(found, ".") {
			return ", " + named
		}
		return named
	})
	path = paths().list.ReplaceAllStringFunc(path, func(found string) string {
		m := paths().list.FindStringSubmatch(found)
		n, _ := strconv.Atoi(m[2])
		return fmt.Sprintf("%s %d, ", m[1], n+1)
	})
	return strings.TrimSuffix(path, ", ")
}

// Error is all that is wrong with a scenario, in its order.
type Error struct{ Faults []Fault }

// Error returns a line for each fault.
func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// maxFaults is how many are reported: a file of another kind would give one for
// each line.
const maxFaults = 20

// faults collects what is wrong.
type faults struct{ list []Fault }

func (f *faults) add(at Fault) {
	if len(f.list) < maxFaults {
		f.list = append(f.list, at)
	}
}

// err returns what has been collected, or nil.
func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	return &Error{f.list}
}

// faultf is a fault without a place.
func faultf(path, format string, args ...any) Fault {
	return Fault{Path: path, Text: fmt.Sprintf(format, args...)}
}
