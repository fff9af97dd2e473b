package flyingvoice

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"provsim/profile"
	"provsim/profile/lines"
	"provsim/profile/rule"
)

// maxFindings keeps the answer to a large file of another kind readable.
const maxFindings = 1000

// grammar is how a configuration file is written (FV-CFG-1).
var grammar = lines.Grammar{Separator: '=', Comments: "#;/", Names: ".-", Form: "NAME=value"}

// lint reads a configuration file as a phone that knows the parameters of table
// would, and returns what the phone refuses, ignores or probably takes for
// something else, in the order of the lines. File is only for the findings.
// There are at most a thousand of them, and one that says so.
func lint(file string, body []byte, table profile.Table) []profile.Finding {
	l := linter{file: file, table: table, seen: make(map[string]int)}
	config, err := grammar.Parse(body)
	if err != nil {
		l.add(0, 0, profile.Error, "FV-CFG-2", err.Error(), "the phone takes nothing from it and keeps its settings")
		return l.findings
	}
	// What is about the whole file comes first: findings about lines may be cut off.
	l.version(config)
	l.option66(config)
	l.silence(config)
	l.lines(string(body))
	slices.SortStableFunc(l.findings, func(a, b profile.Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l.findings
}

type linter struct {
	file     string
	table    profile.Table
	seen     map[string]int // lines of the names so far
	unknown  int
	findings []profile.Finding
}

func (l *linter) lines(text string) {
	text, marked := strings.CutPrefix(text, "\ufeff")
	if marked {
		l.add(1, 1, profile.Info, "FV-CFG-1", "byte order mark", "the phone skips it")
	}
	first, mixed := "", false
	for number := 1; text != ""; number++ {
		row, rest := lines.Cut(text)
		end := "LF"
		if strings.HasPrefix(text[len(row):], "\r") {
			end = "CRLF"
		}
		ended := len(row)+len(rest) < len(text)
		text = rest
		l.line(number, row)
		if ended && !mixed {
			first = cmp.Or(first, end)
			if mixed = end != first; mixed {
				l.add(number, utf8.RuneCountInString(row)+1, profile.Info, "FV-CFG-1", "line end "+end+" after lines with "+first,
					"the phone takes both, but two tools may have written this file")
			}
		}
	}
}

func (l *linter) line(number int, row string) {
	parsed := grammar.Line(row)
	column := func(offset int) int { return utf8.RuneCountInString(row[:offset]) + 1 }
	switch parsed.Kind {
	case lines.Blank:
		return
	case lines.Bad:
		l.add(number, column(parsed.BadAt), profile.Error, "FV-CFG-2", parsed.Why, "the phone skips this line and applies the others")
		return
	}
	start := column(parsed.NameAt)
	if before, ok := l.seen[parsed.Name]; ok {
		l.add(number, start, profile.Warning, "FV-CFG-1", parsed.Name+" is also in line "+strconv.Itoa(before), "the last value counts")
	}
	l.seen[parsed.Name] = number
	if end := len(lines.TrimEnd(row)); end < len(row) {
		l.add(number, column(end), profile.Info, "FV-CFG-1", "blanks at the end of the line", "the phone cuts them off")
	}
	valueAt := column(parsed.ValueAt)
	if p, ok := l.table.Named(parsed.Name); ok {
		l.value(number, valueAt, p, parsed.Value)
	} else {
		l.unknownName(number, start, parsed.Name)
		l.blankBefore(number, valueAt, parsed.Value)
	}
	// The value itself is not shown: it may be half a password.
	if profile.Unfilled(parsed.Value) {
		l.add(number, valueAt, profile.Warning, "FV-CFG-5", parsed.Name+": the value has marks of a template or a comment", "the phone takes them for the value")
	}
}

// blankBefore finds blanks that a person has written for the eye only.
func (l *linter) blankBefore(number, column int, value string) {
	if value != "" && (value[0] == ' ' || value[0] == '\t') {
		l.add(number, column, profile.Warning, "FV-CFG-1", "blanks before the value", "they are part of the value")
	}
}

func (l *linter) unknownName(number, column int, name string) {
	// Comparing with every known name takes its time, so a file of only
	// unknown names is not compared to its end.
	if l.unknown++; l.unknown > maxFindings {
		return
	}
	if near, ok := l.table.Nearest(name); ok {
		l.add(number, column, profile.Warning, "FV-SET-4", "unknown name "+profile.Quote(name)+", probably "+near,
			"the phone keeps the value and does nothing with it")
	}
}

func (l *linter) value(number, column int, p profile.Parameter, value string) {
	err := p.Check(value)
	if err == nil {
		l.blankBefore(number, column, value)
		if r, _ := rule.ParseUpgrade(value); p.Type == rule.Upgrade && r.Scheme == "https" {
			l.add(number, column, profile.Error, "FV-UP-3", p.Name+": found https, want http or tftp", "the phone does not upgrade over https")
		}
		return
	}
	what, why := err.Error(), "the phone keeps its old value"
	var wrong *rule.Error
	if errors.As(err, &wrong) {
		column += wrong.Column - 1
		what, why = wrong.What(), cmp.Or(wrong.Hint, why)
	}
	l.add(number, column, profile.Error, "FV-CFG-5", p.Name+": "+what, why)
}

// version looks for what the version gate compares (FV-CFG-3).
func (l *linter) version(config profile.Config) {
	p, known := l.table.First(profile.Version)
	if !known {
		return
	}
	value, ok := config.Get(p.Name)
	value = strings.TrimSpace(value)
	switch {
	case !ok || value == "":
		line := config.Line(p.Name)
		l.add(line, min(line, 1), profile.Error, "FV-CFG-3", "no "+p.Name, "the phone applies nothing of a file without a version")
	case strings.Trim(value, "0123456789") != "":
		l.add(config.Line(p.Name), 1, profile.Warning, "FV-CFG-3", p.Name+": found "+profile.Quote(value)+", want a number",
			"any other text than the stored one counts as new, but only a number can be added one to")
	}
}

// option66 looks for a Profile Rule that has no effect (FV-SRC-1).
func (l *linter) option66(config profile.Config) {
	p, known := l.table.First(rule.Profile)
	gate, both := l.table.Find(option66)
	text, _ := config.Get(p.Name)
	if !known || !both || strings.TrimSpace(text) == "" {
		return
	}
	switch value, ok := config.Get(gate.Name); {
	case value == "1":
		l.add(config.Line(p.Name), 1, profile.Warning, "FV-SRC-1", p.Name+" together with "+gate.Name+"=1",
			"while option 66 is on the rule has no effect")
	case !ok:
		l.add(config.Line(p.Name), 1, profile.Info, "FV-SRC-1", p.Name+" without "+gate.Name,
			"the rule has an effect only where option 66 is off, and the phone is delivered with "+gate.Name+"="+gate.Default)
	}
}

// silence looks for settings after which a phone asks no server.
func (l *linter) silence(config profile.Config) {
	if on, known := l.table.Find(provisionEnable); known {
		if value, _ := config.Get(on.Name); value == "0" {
			l.add(config.Line(on.Name), 1, profile.Warning, "FV-RS-1", on.Name+"=0", "the phone never asks for a configuration again, until a person sets it to 1 on its web page")
		}
	}
	p, known := l.table.First(rule.Profile)
	gate, both := l.table.Find(option66)
	if !known || !both {
		return
	}
	value, _ := config.Get(gate.Name)
	if text, _ := config.Get(p.Name); value == "0" && strings.TrimSpace(text) == "" {
		l.add(config.Line(gate.Name), 1, profile.Warning, "FV-SRC-2", gate.Name+"=0 without "+p.Name,
			"the phone asks no server, unless it has a rule from before")
	}
}

func (l *linter) add(number, column int, severity profile.Severity, code, what, why string) {
	switch {
	case len(l.findings) < maxFindings:
		l.findings = append(l.findings, profile.Finding{File: l.file, Line: number, Column: column, Severity: severity, Code: code, What: what, Why: why})
	case len(l.findings) == maxFindings:
		what = "more than " + strconv.Itoa(maxFindings) + " findings"
		l.findings = append(l.findings, profile.Finding{File: l.file, Severity: profile.Info, Code: "FV-CFG-2", What: what, Why: "the others are left out"})
	}
}
