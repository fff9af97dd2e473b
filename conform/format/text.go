package format

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"provsim/conform"
	"provsim/conform/check"
)

// Text writes what has passed, with a note where there is more to say, and why others
// were skipped. At the end, where a terminal shows it, stand what has failed, what to do
// about it, and a summary. A report of several vendors has a part for each.
func Text(w io.Writer, r *conform.Report) error { return TextStyle{}.Write(w, r) }

// TextStyle is how [Text] looks.
type TextStyle struct {
	Colour bool // by level, with the escape sequences of terminals
	Quiet  bool // only what has failed, and the summary
}

// Write writes the report. Its error is the writer's.
func (s TextStyle) Write(w io.Writer, r *conform.Report) error {
	b := bufio.NewWriter(w)
	if len(r.Vendors) == 0 {
		s.results(b, r)
	}
	rest := r.Results
	for _, v := range r.Vendors {
		n := 0
		for n < len(rest) && rest[n].Vendor == v.Name {
			n++
		}
		one := *r
		one.Results, rest = rest[:n], rest[n:]
		fmt.Fprintf(b, "%s, phones: %d\n", v.Name, v.Phones)
		s.results(b, &one)
		fmt.Fprintf(b, "%s: %s\n\n", v.Name, summary(&one))
	}
	if len(r.Vendors) == 0 && (b.Buffered() > 0 || !s.Quiet) {
		fmt.Fprintln(b)
	}
	fmt.Fprintln(b, summary(r))
	return b.Flush()
}

// results writes what has passed, what was skipped, and what has failed.
func (s TextStyle) results(b *bufio.Writer, r *conform.Report) {
	if !s.Quiet {
		for i := range r.Results {
			if result := &r.Results[i]; result.Verdict == check.Passed || result.Known {
				s.line(b, result)
				if result.Verdict == check.Passed {
					part(b, "note", result.Detail)
				}
			}
		}
		grouped(b, "skip ", r, check.Skipped)
	}
	grouped(b, s.paint(red, "error"), r, check.Errored)
	for i := range r.Results {
		if result := &r.Results[i]; result.Verdict == check.Failed && !result.Known {
			s.failure(b, r, result)
		}
	}
}

// The colours of levels and verdicts.
const (
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	green  = "\x1b[32m"
)

var levelColours = map[check.Level]string{check.Must: red, check.Should: yellow, check.Info: cyan}

func (s TextStyle) paint(colour, text string) string {
	if !s.Colour {
		return text
	}
	return colour + text + "\x1b[0m"
}

// grouped writes a line for each reason of a verdict, with the checks that it is
// the reason of: most checks of a group miss the same.
func grouped(w io.Writer, word string, r *conform.Report, v check.Verdict) {
	var reasons []string
	checks := map[string][]string{}
	for _, result := range r.Results {
		if result.Verdict != v {
			continue
		}
		if checks[result.Detail] == nil {
			reasons = append(reasons, result.Detail)
		}
		checks[result.Detail] = append(checks[result.Detail], result.Check.ID)
	}
	for _, reason := range reasons {
		fmt.Fprintf(w, "%s %s\n      %s\n", word, reason, ranges(checks[reason]))
	}
}

// ranges lists IDs of checks; three or more that follow each other are a range,
// such as tftp/3–7.
func ranges(ids []string) string {
	var parts []string
	for i := 0; i < len(ids); {
		end := i
		for end+1 < len(ids) && follows(ids[end], ids[end+1]) {
			end++
		}
		if end-i < 2 {
			parts = append(parts, ids[i])
			i++
			continue
		}
		parts = append(parts, ids[i]+"–"+path.Base(ids[end]))
		i = end + 1
	}
	return strings.Join(parts, " ")
}

// follows reports whether an ID is the next one of the same group.
func follows(id, next string) bool {
	n, err := strconv.Atoi(path.Base(id))
	return err == nil && next == path.Dir(id)+"/"+strconv.Itoa(n+1)
}

// line writes the first line of a result.
func (s TextStyle) line(w io.Writer, r *conform.Result) {
	colour := green
	if r.Verdict == check.Failed {
		colour = levelColours[r.Check.Level]
	}
	fmt.Fprintf(w, "%s %-9s %s\n", s.paint(colour, fmt.Sprintf("%-5s", word(r))), r.Check.ID, r.Check.Title)
}

// failure writes all about a requirement that is not met.
func (s TextStyle) failure(w io.Writer, report *conform.Report, r *conform.Result) {
	s.line(w, r)
	fmt.Fprintf(w, "      %s: %s [%s]\n", s.paint(levelColours[r.Check.Level], r.Check.Level.String()), r.Check.Requirement, r.Check.Source)
	part(w, "expected", r.Expected)
	part(w, "actual", r.Actual)
	part(w, "note", r.Detail)
	advise(w, "      ", r.Check.Advice, report.Servers)
}

// part writes a part of a finding where there is one.
func part(w io.Writer, name, text string) {
	if text != "" {
		fmt.Fprintf(w, "      %-9s %s\n", name+":", text)
	}
}

// word says in a word what a result is; a failure of level info is a remark.
func word(r *conform.Result) string {
	switch {
	case r.Known:
		return "known"
	case r.Verdict == check.Failed && r.Check.Level == check.Info:
		return "info"
	}
	return r.Verdict.String()
}

// summary gives the result of an examination in a line.
func summary(r *conform.Report) string {
	counts := map[string]int{}
	for i := range r.Results {
		counts[word(&r.Results[i])]++
	}
	plural := "checks"
	if len(r.Results) == 1 {
		plural = "check"
	}
	text := fmt.Sprintf("%d %s: %d passed, %d failed", len(r.Results), plural, counts["pass"], counts["fail"])
	for _, other := range []struct{ word, text string }{
		{"error", "could not be carried out"}, {"info", "for information"}, {"known", "known"}, {"skip", "skipped"},
	} {
		if n := counts[other.word]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, other.text)
		}
	}
	if r.Interrupted {
		text += "; interrupted"
	}
	return text
}
