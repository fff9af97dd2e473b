package format

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"provsim/conform"
	"provsim/conform/check"
)

// Text writes a line for each check that was carried out, what there is to know
// about those that have failed, why others were skipped, and a summary.
func Text(w io.Writer, r *conform.Report) error {
	b := bufio.NewWriter(w)
	for i := range r.Results {
		if r.Results[i].Verdict != check.Skipped {
			line(b, &r.Results[i])
		}
	}
	skipped(b, r)
	fmt.Fprintf(b, "\n%s\n", summary(r))
	return b.Flush()
}

// skipped writes a line for each reason, with the checks that it is the reason
// of: most checks of a group miss the same.
func skipped(w io.Writer, r *conform.Report) {
	var reasons []string
	checks := map[string][]string{}
	for _, result := range r.Results {
		if result.Verdict != check.Skipped {
			continue
		}
		if checks[result.Detail] == nil {
			reasons = append(reasons, result.Detail)
		}
		checks[result.Detail] = append(checks[result.Detail], result.Check.ID)
	}
	for _, reason := range reasons {
		fmt.Fprintf(w, "skip  %s\n      %s\n", reason, strings.Join(checks[reason], " "))
	}
}

// line writes one result.
func line(w io.Writer, r *conform.Result) {
	fmt.Fprintf(w, "%-5s %-9s %s\n", word(r), r.Check.ID, r.Check.Title)
	switch {
	case r.Known || r.Verdict == check.Passed:
		return
	case r.Verdict != check.Failed:
		fmt.Fprintf(w, "      %s\n", r.Detail)
		return
	}
	fmt.Fprintf(w, "      %v: %s [%s]\n", r.Check.Level, r.Check.Requirement, r.Check.Source)
	for _, part := range []struct{ name, text string }{{"expected", r.Expected}, {"actual", r.Actual}, {"note", r.Detail}} {
		if part.text != "" {
			fmt.Fprintf(w, "      %-9s %s\n", part.name+":", part.text)
		}
	}
	for _, server := range servers(r.Check) {
		fmt.Fprintf(w, "      %s: %s\n", server, r.Check.Advice[server])
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

// servers lists whom a check has advice for, in the order of their names.
func servers(c check.Check) []check.Server { return slices.Sorted(maps.Keys(c.Advice)) }

// summary says in a line what an examination came to.
func summary(r *conform.Report) string {
	counts := map[string]int{}
	for i := range r.Results {
		counts[word(&r.Results[i])]++
	}
	text := fmt.Sprintf("%d checks: %d passed, %d failed", len(r.Results), counts["pass"], counts["fail"])
	for _, other := range []struct{ word, text string }{
		{"error", "could not be carried out"}, {"info", "to know"}, {"known", "known"}, {"skip", "skipped"},
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
