package ciscospa

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/profile/xml"
)

// lint reads a profile as XML, or the source text that the vendor's compiler makes an
// SPC file of (SPA-FMT-4), and says what a phone refuses or ignores.
func lint(file string, body []byte, known profile.Table) []profile.Finding {
	l := linter{steps.Linter{File: file, Known: known, Rule: "SPA-FMT-3", Values: "SPA-FMT-3"}}
	if isXML(body) {
		l.xml(body)
	} else {
		l.source(body)
	}
	return l.Findings()
}

type linter struct{ steps.Linter }

func (l *linter) xml(body []byte) {
	_, err := grammar.Parse(body)
	if err != nil {
		l.Add(0, 0, profile.Error, "SPA-FMT-2", err.Error(), "the phone takes nothing from it and keeps its settings")
		return
	}
	// The file is well formed: Parse has read it.
	_ = xml.Walk(body, func(e *xml.Element) {
		if len(e.Path) < 2 || e.Path[len(e.Path)-2] != grammar.Roots[0] {
			return
		}
		if access, ok := e.Attribute("ua"); ok && !slices.Contains([]string{"na", "ro", "rw"}, access) {
			l.Add(e.Line, e.Column, profile.Warning, "SPA-FMT-2", "ua: found "+profile.Quote(access)+", want na, ro or rw", "the phone ignores it")
		}
		l.setting(e.Line, e.Column, e.Name(), e.Text)
	})
}

// source reads lines NAME "value" ; with '!' or '?' after the name, '#' and import.
func (l *linter) source(body []byte) {
	if what := profile.Foreign(body); what != "" || bytes.IndexByte(body, 0) >= 0 {
		l.Add(0, 0, profile.Error, "SPA-FMT-1", cmp.Or(what, "this is a compiled profile"), "neither XML nor the source text of a profile")
		return
	}
	l.Add(0, 0, profile.Info, "SPA-FMT-4", "this is the source text of a compiled profile", "phones take it only when the vendor's compiler has read it")
	number := 0
	for row := range strings.Lines(strings.TrimPrefix(string(body), "\ufeff")) {
		number++
		row = strings.TrimRight(row, "\r\n\t ")
		text := strings.TrimLeft(row, " \t")
		column := len(row) - len(text) + 1
		if text == "" || text[0] == '#' || strings.HasPrefix(text, "import ") {
			continue
		}
		name, rest, _ := strings.Cut(text, `"`)
		value, rest, closed := strings.Cut(rest, `"`)
		switch end := strings.TrimSpace(rest); {
		case !closed:
			l.Add(number, column, profile.Error, "SPA-FMT-4", `found no value in quotation marks, want NAME "value" ;`, "the compiler refuses the line")
		case !strings.HasPrefix(end, ";"):
			l.Add(number, len(row)+1, profile.Error, "SPA-FMT-4", `found no ";" after the value`, "the compiler refuses the line")
		default:
			name = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(name), "!?"))
			l.setting(number, column, elementName(name), value)
		}
	}
}

// setting checks one name and its value.
func (l *linter) setting(line, column int, name, value string) {
	p, known := l.Known.Named(name)
	l.Setting(line, column, name, value)
	if !known {
		if near, ok := l.Known.Nearest(name); ok {
			l.Add(line, column, profile.Warning, "SPA-FMT-2", "unknown element "+profile.Quote(name)+", probably "+near, "the phone ignores it; names are case-sensitive")
		}
		return
	}
	if profile.Unfilled(value) {
		l.Add(line, column, profile.Warning, "SPA-FMT-2", name+": the value has marks of a template", "the phone takes them for the value")
	}
	// A rule is read with a phone's own values: any will do.
	text, err := (&vars{Vars: device.Vars{Identity: shipped}}).expand(value), error(nil)
	switch p.Type {
	case anyRule:
		_, err = rule.ParseFull(text, shipped.Software)
	case condition:
		_, err = rule.ParseCondition(text, shipped.Software)
	}
	if err != nil {
		l.Add(line, column, profile.Error, "SPA-RULE-1", name+": "+err.Error(), "the phone does not follow it; a resync ends with bad-rule")
	}
}
