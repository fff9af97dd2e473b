package profile

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxFindings keeps the answer to a large file of another kind readable.
	maxFindings = 1000
	// webOption66 is the web name of the setting that makes the Profile Rule
	// count or not (FV-SRC-1).
	webOption66 = "Option 66"
)

// Lint reads a configuration file as a phone that knows the parameters of table
// would, and returns what the phone refuses, ignores or probably takes for
// something else, in the order of the lines. File is only for the findings.
// There are at most a thousand of them, and one that says so.
func Lint(file string, body []byte, table Table) []Finding {
	l := linter{file: file, table: table, seen: make(map[string]int)}
	config, err := ParseConfig(body)
	if err != nil {
		l.add(0, 0, Error, "FV-CFG-2", err.Error(), "the phone takes nothing from it and keeps its settings")
		return l.findings
	}
	// What is about the whole file comes first, lest there be too many lines.
	l.version(config)
	l.option66(config)
	l.lines(string(body))
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l.findings
}

type linter struct {
	file     string
	table    Table
	seen     map[string]int // lines of the names so far
	unknown  int
	findings []Finding
}

func (l *linter) lines(text string) {
	text, marked := strings.CutPrefix(text, byteOrderMark)
	if marked {
		l.add(1, 1, Info, "FV-CFG-1", "byte order mark", "the phone skips it")
	}
	first, mixed := "", false
	for number := 1; text != ""; number++ {
		row, rest, ended := strings.Cut(text, "\n")
		text = rest
		end := "LF"
		if bare, ok := strings.CutSuffix(row, "\r"); ok {
			row, end = bare, "CRLF"
		}
		l.line(number, row)
		if ended && !mixed {
			first = cmp.Or(first, end)
			if mixed = end != first; mixed {
				l.add(number, utf8.RuneCountInString(row)+1, Info, "FV-CFG-1", "line end "+end+" after lines with "+first,
					"the phone takes both, but two tools may have written this file")
			}
		}
	}
}

func (l *linter) line(number int, row string) {
	parsed := readLine(row)
	column := func(offset int) int { return utf8.RuneCountInString(row[:offset]) + 1 }
	switch parsed.kind {
	case silentLine:
		return
	case badLine:
		l.add(number, column(parsed.faultAt), Error, "FV-CFG-2", parsed.why, "the phone skips this line and applies the others")
		return
	}
	start := column(strings.Index(row, parsed.name))
	if before, ok := l.seen[parsed.name]; ok {
		l.add(number, start, Warning, "FV-CFG-1", parsed.name+" is also in line "+strconv.Itoa(before), "the last value counts")
	}
	l.seen[parsed.name] = number
	if end := len(trimEnd(row)); end < len(row) {
		l.add(number, column(end), Info, "FV-CFG-1", "blanks at the end of the line", "the phone cuts them off")
	}
	if p, ok := l.table.Named(parsed.name); ok {
		l.value(number, column(parsed.valueAt), p, parsed.value)
	} else {
		l.unknownName(number, start, parsed.name)
	}
}

func (l *linter) unknownName(number, column int, name string) {
	// Comparing with every known name takes its time, so a file of nothing but
	// unknown names is not compared to its end.
	if l.unknown++; l.unknown > maxFindings {
		return
	}
	if near, ok := l.table.Nearest(name); ok {
		l.add(number, column, Warning, "FV-SET-4", "unknown name "+quote(name)+", probably "+near,
			"the phone keeps the value and does nothing with it")
	}
}

func (l *linter) value(number, column int, p Parameter, value string) {
	err := p.Check(value)
	if err == nil {
		if rule, _ := ParseUpgradeRule(value); p.Type == UpgradeRule && rule.Scheme == "https" {
			l.add(number, column, Error, "FV-UP-3", p.Name+": found https, want http or tftp", "the phone does not upgrade over https")
		}
		return
	}
	what, why := err.Error(), "the phone keeps its old value"
	var wrong *RuleError
	if errors.As(err, &wrong) {
		column += wrong.Column - 1
		what, why = wrong.what(), cmp.Or(wrong.Hint, why)
	}
	l.add(number, column, Error, "FV-CFG-5", p.Name+": "+what, why)
}

// version looks for what the version gate compares (FV-CFG-3).
func (l *linter) version(config Config) {
	p, known := l.table.First(Version)
	if !known {
		return
	}
	value, ok := config.Get(p.Name)
	switch {
	case !ok || value == "":
		line := config.Line(p.Name)
		l.add(line, min(line, 1), Error, "FV-CFG-3", "no "+p.Name, "the phone applies nothing of a file without a version")
	case strings.Trim(value, "0123456789") != "":
		l.add(config.Line(p.Name), 1, Warning, "FV-CFG-3", p.Name+": found "+quote(value)+", want a number",
			"any other text than the stored one counts as new, but only a number can be added one to")
	}
}

// option66 looks for a Profile Rule that has no effect (FV-SRC-1).
func (l *linter) option66(config Config) {
	rule, known := l.table.First(ProfileRule)
	gate, both := l.table.Find(webOption66)
	text, _ := config.Get(rule.Name)
	if !known || !both || strings.Trim(text, blanks) == "" {
		return
	}
	switch value, ok := config.Get(gate.Name); {
	case value == "1":
		l.add(config.Line(rule.Name), 1, Warning, "FV-SRC-1", rule.Name+" together with "+gate.Name+"=1",
			"while option 66 is on the rule has no effect")
	case !ok:
		l.add(config.Line(rule.Name), 1, Info, "FV-SRC-1", rule.Name+" without "+gate.Name,
			"the rule has an effect only where option 66 is off, and the phone is delivered with "+gate.Name+"="+gate.Default)
	}
}

func (l *linter) add(number, column int, severity Severity, code, what, why string) {
	switch {
	case len(l.findings) < maxFindings:
		l.findings = append(l.findings, Finding{l.file, number, column, severity, code, what, why})
	case len(l.findings) == maxFindings:
		what = "more than " + strconv.Itoa(maxFindings) + " findings"
		l.findings = append(l.findings, Finding{l.file, 0, 0, Info, "FV-CFG-2", what, "the others are left out"})
	}
}
