package polycom

import (
	"bytes"
	"fmt"
	"strings"

	"provsim/profile"
	"provsim/profile/xml"
)

// maxFindings keeps the answer to a large file of another kind readable.
const maxFindings = 1000

// linter says what a phone refuses or ignores in a file.
type linter struct {
	file     string
	findings []profile.Finding
}

// lint reads a master file or a configuration file.
func lint(file string, body []byte, table profile.Table) []profile.Finding {
	l := &linter{file: file}
	if bytes.HasPrefix(body, []byte(encryptMark)) {
		l.add(0, 0, profile.Info, "PC-ENC-1", "the file is encrypted", "only a phone with its key can tell what it says")
		return l.findings
	}
	all, err := readAttributes(body)
	if err != nil {
		l.add(0, 0, profile.Error, "PC-CFG-1", err.Error(), "the phone takes nothing of it")
		return l.findings
	}
	if m, err := readMaster(body); err == nil {
		l.master(body, m)
		return l.findings
	}
	l.config(all, table)
	return l.findings
}

// master checks a master file (PC-FILE-3).
func (l *linter) master(body []byte, m *master) {
	// The file is well formed: readMaster has read it.
	_ = xml.Walk(body, func(e *xml.Element) {
		for _, a := range e.Attributes {
			name, limit := a.Name.Local, mostPath
			if strings.HasPrefix(name, configFiles) || strings.HasPrefix(name, miscFiles) {
				limit = mostList
			}
			if len(a.Value) > limit {
				l.add(e.Line, e.Column, profile.Error, "PC-FILE-3", fmt.Sprintf("%s has %d bytes, want at most %d", name, len(a.Value), limit), "the phone takes it for empty")
			}
			for word := range strings.FieldsFuncSeq(a.Value, func(r rune) bool { return strings.ContainsRune(",/ -.", r) }) {
				if len(word) == 12 && strings.Trim(word, "0123456789ABCDEFabcdef") == "" && strings.ToLower(word) != word {
					l.add(e.Line, e.Column, profile.Info, "PC-ID-1", name+" has a hardware address in upper case", "the phone asks as it stands here; for its other files it asks in lower case")
				}
			}
		}
	})
	if m.attributes[configFiles] == "" {
		l.add(0, 0, profile.Warning, "PC-FILE-3", "CONFIG_FILES is empty", "the phone gets no settings from this master file")
	}
}

// config checks a configuration file (PC-CFG-1, PC-CFG-2, PC-CFG-4).
func (l *linter) config(all []attribute, table profile.Table) {
	seen := map[string]int{}
	values := map[string]string{}
	cases := map[string]string{} // names by their lower case
	for _, name := range table.Names() {
		cases[strings.ToLower(name)] = name
	}
	for _, a := range all {
		if line, twice := seen[a.name]; twice {
			l.add(a.line, a.column, profile.Warning, "PC-CFG-2", fmt.Sprintf("%s is also in line %d", a.name, line), "the first value counts")
			continue
		}
		seen[a.name], values[a.name] = a.line, a.value
	}
	for _, a := range all {
		p, isKnown := known(table, a.name)
		if right, ok := cases[strings.ToLower(a.name)]; !isKnown && ok {
			l.add(a.line, a.column, profile.Warning, "PC-CFG-1", profile.Quote(a.name)+" is "+right+" in another case", "names are case-sensitive, and the phone takes it for another parameter")
		}
		if isKnown && a.value != "" {
			if err := p.Check(a.value); err != nil {
				l.add(a.line, a.column, profile.Error, "PC-CFG-4", a.name+": "+err.Error(), "the phone takes the default")
			}
		}
		if profile.Unfilled(a.value) {
			l.add(a.line, a.column, profile.Warning, "PC-CFG-1", a.name+": the value has marks of a template", "the phone takes them for the value")
		}
		if strings.HasPrefix(a.name, "device.") && a.name != "device.set" && !strings.HasSuffix(a.name, ".set") && values[a.name+".set"] != "1" {
			l.add(a.line, a.column, profile.Warning, "PC-CFG-4", a.name+" has no "+a.name+`.set="1"`, `the phone ignores it; device.set="1" is needed too`)
		}
	}
	if len(all) == 0 {
		l.add(0, 0, profile.Warning, "PC-CFG-1", "the file has no parameter", "a parameter is an attribute with a dot in its name")
	}
}

func (l *linter) add(line, column int, severity profile.Severity, code, what, why string) {
	if len(l.findings) < maxFindings {
		l.findings = append(l.findings, profile.Finding{File: l.file, Line: line, Column: column, Severity: severity, Code: code, What: what, Why: why})
	}
}
