package snom

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/lines"
	"provsim/profile/xml"
	"provsim/resync"
)

// document is what a file has beside its settings.
type document struct {
	files []string        // that it names (SN-PLAN-3)
	image string          // the firmware's URL
	once  map[string]bool // settings with the flag !
}

// The roots of XML files (SN-FMT-1).
var roots = []string{
	"settings", "phone-settings", "functionKeys", "tbook", "dialplan", "certificates", "setting-files", "firmware-settings", "gui-languages", "web-languages", "uploads",
}

// read reads a file in either form. Lenient is the quirk html-empty.
func read(body []byte, lenient bool) *device.File {
	d := &document{once: map[string]bool{}}
	if isXML(body) {
		return readXML(body, d)
	}
	return readText(string(begin(body)), d, lenient)
}

// begin returns a file without what may stand before its first character.
func begin(body []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
}

// isXML reports whether a file is of the XML form; any other is a text.
func isXML(body []byte) bool {
	text := begin(body)
	if bytes.HasPrefix(text, []byte("<?xml")) {
		return true
	}
	for _, root := range roots {
		rest, ok := bytes.CutPrefix(text, []byte("<"+root))
		if ok && len(rest) > 0 && bytes.IndexByte([]byte(" \t\r\n>/"), rest[0]) >= 0 {
			return true
		}
	}
	return false
}

// readXML reads an XML file: settings are the elements of phone-settings and
// functionKeys, with idx as part of the name (SN-FMT-1).
func readXML(body []byte, d *document) *device.File {
	var b profile.Builder
	rooted := false
	err := xml.Walk(body, func(e *xml.Element) {
		rooted = rooted || slices.Contains(roots, e.Path[0])
		if len(e.Path) < 2 {
			return
		}
		switch parent := e.Path[len(e.Path)-2]; {
		case parent == "setting-files" && e.Name() == "file":
			if url, ok := e.Attribute("url"); ok && url != "" {
				d.files = append(d.files, url)
			}
		case parent == "firmware-settings" && e.Name() == "firmware":
			d.image = e.Text
		case parent == "phone-settings" || parent == "functionKeys":
			index, _ := e.Attribute("idx")
			perm, _ := e.Attribute("perm")
			name := e.Name() + index
			if action, _ := e.Attribute("action"); action == "remove" {
				b.Set(name, "", e.Line)
				return
			}
			b.Set(name, e.Text, e.Line)
			if perm == "!" {
				d.once[name] = true
			}
		}
	})
	switch {
	case errors.Is(err, profile.ErrEmpty):
		return steps.Bad(resync.Empty, err.Error())
	case err != nil:
		return steps.Bad(resync.Corrupt, err.Error())
	case !rooted:
		return steps.Bad(resync.Corrupt, "the root element is none of "+strings.Join(roots, ", "))
	}
	return &device.File{Config: b.Config(), More: d}
}

// readText reads the old form: name, perhaps a flag, a colon and the value. Lines that
// begin with # or < are comments (SN-FMT-2).
func readText(text string, d *document, lenient bool) *device.File {
	var b profile.Builder
	for number := 1; text != ""; number++ {
		var row string
		row, text = lines.Cut(text)
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' || row[0] == '<' {
			continue
		}
		name, value, ok := strings.Cut(row, ":")
		name = strings.TrimSpace(name)
		bare := strings.TrimRight(name, "&$!")
		if !ok || !isName(bare) {
			b.Skip(profile.BadLine{Line: number, Column: 1, Why: "found no name before ':', want name: value"})
			continue
		}
		b.Set(bare, strings.TrimSpace(value), number)
		if strings.HasSuffix(name, "!") {
			d.once[bare] = true
		}
	}
	if b.Len() == 0 && !lenient {
		return steps.Bad(resync.Corrupt, "the file has no setting: this may be a server's error page (SN-FMT-4)")
	}
	return &device.File{Config: b.Config(), More: d}
}

func isName(text string) bool {
	return text != "" && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789_-.") == ""
}

// lint says what is wrong with a file that a person has written, by its content
// (SN-FMT-1, SN-FMT-2).
func lint(file string, body []byte, known profile.Table) []profile.Finding {
	l := &steps.Linter{File: file, Known: known, Rule: "SN-FMT-4"}
	f := read(body, false)
	if f.Fault.Outcome != resync.None {
		line := 0
		if err := xml.Walk(body, func(*xml.Element) {}); err != nil && isXML(body) {
			line = profile.CorruptLine(err)
		}
		l.Add(line, min(line, 1), profile.Error, "SN-FMT-1", f.Fault.Note, "the phone takes nothing of the file")
		return l.Findings()
	}
	return l.Config(f.Config, "SN-FMT-2")
}
