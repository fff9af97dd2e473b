package tally

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"provsim/internal/nearest"
)

// ThresholdError says where a threshold is wrong, and what to do about it.
type ThresholdError struct {
	Text   string // the threshold
	Column int    // where in Text, in characters counted from 1
	Found  string // what stands there, quoted, or "the end"
	Want   string // what could have stood there
	Hint   string // what is probably meant; may be empty
}

// Error returns one line.
func (e *ThresholdError) Error() string {
	text := fmt.Sprintf("threshold %q: column %d: found %s, want %s", e.Text, e.Column, e.Found, e.Want)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// ParseThreshold reads a [Threshold], or the text of [DefaultRule]. Its error is a [*ThresholdError].
func ParseThreshold(text string) (Threshold, error) {
	if strings.TrimSpace(text) == defaultText {
		return DefaultRule(), nil
	}
	p := &parser{text: text}
	t := Threshold{text: strings.TrimSpace(text)}
	p.measure(&t)
	t.operator = p.word(operators, isOperator)
	p.limit(&t)
	if p.blank(); p.err == nil && p.at < len(text) {
		p.fail(p.at, text[p.at:], "the end", "")
	}
	if p.err != nil {
		return Threshold{}, p.err
	}
	return t, nil
}

var operators = []string{">", ">=", "<", "<=", "==", "!="}

// parser reads a threshold from left to right. After the first error it reads
// nothing more.
type parser struct {
	text string
	at   int
	err  error
}

func (p *parser) measure(t *Threshold) {
	t.name = p.word(measureNames(), isLetter)
	if p.err != nil {
		return
	}
	arguments := argumentsOf(t.name)
	if arguments == nil {
		return
	}
	if !p.take("(") {
		p.fail(p.start(), p.rest(), fmt.Sprintf("%q", "("), fmt.Sprintf("such as %s(%s)", t.name, arguments[0]))
		return
	}
	t.argument = p.word(arguments, isLetter)
	if p.err == nil && !p.take(")") {
		p.fail(p.start(), p.rest(), fmt.Sprintf("%q", ")"), "")
	}
}

// measureNames lists all measures.
func measureNames() []string {
	names := []string{"peak"}
	for _, s := range statistics {
		names = append(names, s.name)
	}
	for _, s := range shares {
		names = append(names, s.name)
	}
	for _, c := range counts {
		names = append(names, c.name)
	}
	return names
}

// argumentsOf lists the arguments that a measure may have in parentheses; nil: it has
// none.
func argumentsOf(name string) []string {
	if name == "peak" {
		var names []string
		for _, w := range windowNames {
			names = append(names, w.name)
		}
		return names
	}
	for _, s := range statistics {
		if s.name == name {
			return timeNames
		}
	}
	for _, s := range shares {
		if s.name == name {
			return []string{"provisioned"}
		}
	}
	return nil
}

// word reads one of the known words, made of the letters that is accepts.
func (p *parser) word(known []string, is func(byte) bool) string {
	if p.err != nil {
		return ""
	}
	from := p.start()
	for p.at < len(p.text) && is(p.text[p.at]) {
		p.at++
	}
	word := p.text[from:p.at]
	for _, k := range known {
		if k == word {
			return k
		}
	}
	hint := ""
	if near, ok := nearest.Name(word, known); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	found := word
	if found == "" {
		found = p.rest()
	}
	p.fail(from, found, "one of "+strings.Join(known, ", "), hint)
	return ""
}

// limit reads a number, and a unit that the measure can have.
func (p *parser) limit(t *Threshold) {
	if p.err != nil {
		return
	}
	from := p.start()
	for p.at < len(p.text) && !strings.ContainsRune(" \t", rune(p.text[p.at])) {
		p.at++
	}
	found := p.text[from:p.at]
	want := t.takes()
	digits, isPercent := strings.CutSuffix(found, "%")
	n, err := strconv.ParseFloat(digits, 64)
	d, errDuration := time.ParseDuration(found)
	switch {
	case want[0] == duration && errDuration == nil && d >= 0:
		t.limit, t.unit = float64(d), duration
	case want[0] == duration:
		p.fail(from, found, "a duration such as 500ms or 2m", "")
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0:
		p.fail(from, found, "a number", "")
	case isPercent && len(want) == 1:
		p.fail(from, found, "a number without %", t.name+" is no share of anything")
	case isPercent:
		t.limit, t.unit = n, percent
	default:
		t.limit, t.unit = n, number
	}
}

// takes lists the units that a measure's limit can have.
func (t *Threshold) takes() []unit {
	if t.argument != "" && t.name != "peak" {
		return []unit{duration}
	}
	for _, c := range counts {
		if c.name == t.name && c.part {
			return []unit{number, percent}
		}
	}
	return []unit{number}
}

func (p *parser) blank() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
}

// start skips blanks and returns where the next word begins.
func (p *parser) start() int {
	p.blank()
	return p.at
}

func (p *parser) take(mark string) bool {
	if p.err != nil || !strings.HasPrefix(p.text[p.start():], mark) {
		return false
	}
	p.at += len(mark)
	return true
}

// rest returns what stands where the parser is, up to a blank.
func (p *parser) rest() string {
	word, _, _ := strings.Cut(p.text[p.at:], " ")
	return word
}

func (p *parser) fail(at int, found, want, hint string) {
	if p.err != nil {
		return
	}
	if found == "" {
		found = "the end"
	} else {
		found = strconv.Quote(found)
	}
	p.err = &ThresholdError{
		Text: p.text, Column: utf8.RuneCountInString(p.text[:at]) + 1,
		Found: found, Want: want, Hint: hint,
	}
}

func isLetter(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_'
}

func isOperator(b byte) bool { return b == '<' || b == '>' || b == '=' || b == '!' }
