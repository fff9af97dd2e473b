package audiocodes

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/lines"
	"provsim/resync"
)

// grammar is how the lines of a configuration look (AC-CFG-1, AC-CFG-2).
var grammar = lines.Grammar{Separator: '=', Comments: ";", Names: "/-.", Trim: true, Include: "include ", Form: "path=value"}

// document is a configuration file before the files that it includes are put in.
type document struct {
	rows []lines.Line
	at   []int // the numbers of the rows in the file
	size int
}

// withoutComment cuts a comment, which begins at a ';' after a blank, or anywhere.
func withoutComment(row string, anywhere bool) string {
	for i := range len(row) {
		if row[i] == ';' && (anywhere || i == 0 || row[i-1] == ' ' || row[i-1] == '\t') {
			return row[:i]
		}
	}
	return row
}

// read reads the lines of a file. A file without a good one is refused (AC-CFG-5); a
// part, which another file includes, may have comments alone.
func read(body []byte, anywhere, part bool) (*document, []profile.BadLine, error) {
	if what := profile.UTF16(body); what != "" {
		return nil, nil, profile.Corrupt(what)
	}
	d := &document{size: len(body)}
	var wrong []profile.BadLine
	text := strings.TrimPrefix(string(body), "\ufeff")
	for number := 1; text != ""; number++ {
		var row string
		row, text = lines.Cut(text)
		switch l := grammar.Line(withoutComment(row, anywhere)); l.Kind {
		case lines.Setting, lines.Include:
			l.Value = strings.TrimSpace(l.Value)
			d.rows, d.at = append(d.rows, l), append(d.at, number)
		case lines.Bad:
			wrong = append(wrong, profile.BadLine{Line: number, Column: l.BadAt + 1, Why: l.Why})
		}
	}
	switch {
	case len(d.rows) > 0, part && len(wrong) == 0:
		return d, wrong, nil
	case len(bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))) == 0:
		return nil, nil, profile.ErrEmpty
	}
	return nil, wrong, profile.Corrupt("the file has no line path=value: " + cmp.Or(profile.Foreign(body), "it has only comments or other lines"))
}

// open reads a configuration file.
func open(body []byte, anywhere, part bool) *device.File {
	d, wrong, err := read(body, anywhere, part)
	switch {
	case errors.Is(err, profile.ErrEmpty):
		return steps.Bad(resync.Empty, err.Error())
	case err != nil:
		return steps.Bad(resync.Corrupt, err.Error())
	}
	file := &device.File{More: d}
	if len(wrong) > 0 {
		file.Warnings = []device.Event{{Kind: device.Warned, Note: fmt.Sprintf("%d lines are left out; line %d: %s", len(wrong), wrong[0].Line, wrong[0].Why)}}
	}
	return file
}

// openSealed reads a .cfx file (AC-ENC-2).
func openSealed(body []byte, secret string, anywhere bool) *device.File {
	for _, plain := range openings(body, secret) {
		if file := open(plain, anywhere, false); file.Fault.Outcome == resync.None {
			return file
		}
	}
	if secret == "" {
		return steps.Bad(resync.BadKey, "the file is encrypted and no "+fileSecret+" is given")
	}
	return steps.Bad(resync.BadKey, fileSecret+" does not open the file")
}

// parse reads a file without its includes.
func parse(body []byte) (profile.Config, error) {
	d, wrong, err := read(body, false, false)
	if err != nil {
		return profile.Config{}, err
	}
	var b profile.Builder
	for i, row := range d.rows {
		if row.Kind == lines.Setting {
			b.Set(row.Name, row.Value, d.at[i])
		}
	}
	for _, bad := range wrong {
		b.Skip(bad)
	}
	return b.Config(), nil
}

// orders are the actions of a file, or of an answer.
type orders struct{ list []action }

// assemble makes one file of the rows of a file and its includes, in their order
// (AC-CFG-2, AC-CFG-3).
func assemble(rows []lines.Line, m *device.Model, short bool) *device.File {
	var b profile.Builder
	file := &device.File{Name: "configuration"}
	found := map[int]*action{}
	for _, row := range rows {
		if order(found, row) {
			continue
		}
		if !short && row.Name == periodType && strings.HasPrefix(strings.ToLower(row.Value), "every") || row.Name == periodHours && m.Quirks[hoursMax] == "168" && tooMany(row.Value) {
			file.Warnings = append(file.Warnings, device.Event{Kind: device.Warned, Note: row.Name + " keeps its value: this firmware does not take the one of the file"})
			continue
		}
		if m.Quirks.On(clamps) {
			row.Value = clamp(row.Name, row.Value)
		}
		b.Set(row.Name, row.Value, 0)
	}
	file.Config = b.Config()
	if len(found) > 0 {
		o := &orders{}
		for _, n := range slices.Sorted(maps.Keys(found)) {
			o.list = append(o.list, *found[n])
		}
		file.More = o
	}
	return file
}

func tooMany(hours string) bool {
	n, err := strconv.Atoi(hours)
	return err == nil && n > 168
}

func clamp(name, value string) string {
	l, limited := limits[name]
	n, err := strconv.Atoi(value)
	if !limited || err != nil {
		return value
	}
	return strconv.Itoa(min(max(n, l[0]), l[1]))
}
