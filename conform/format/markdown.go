package format

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/internal/oneline"
)

// Markdown writes a section for each check that has failed, and then a table of
// all.
func Markdown(w io.Writer, r *conform.Report) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# Provisioning check\n\n%s.\n", capital(summary(r)))
	for i := range r.Results {
		result := &r.Results[i]
		switch {
		case result.Verdict == check.Failed && !result.Known:
			section(b, r, result)
		case result.Verdict == check.Errored:
			fmt.Fprintf(b, "\n## %s: %s\n\nCould not be carried out: %s\n", result.Name(), oneline.Markdown(result.Check.Title), oneline.Markdown(result.Detail))
		}
	}
	fmt.Fprint(b, "\n## All checks\n\n| check | | title | level |\n|---|---|---|---|\n")
	for i := range r.Results {
		result := &r.Results[i]
		fmt.Fprintf(b, "| %s | %s | %s | %v |\n", result.Name(), word(result), oneline.Markdown(result.Check.Title), result.Check.Level)
	}
	return b.Flush()
}

func section(w io.Writer, report *conform.Report, r *conform.Result) {
	fmt.Fprintf(w, "\n## %s: %s\n\n%s (%s)\n\n- level: %v\n- expected: %s\n- actual: %s\n", r.Name(), oneline.Markdown(r.Check.Title),
		oneline.Markdown(r.Check.Requirement), oneline.Markdown(r.Check.Source), r.Check.Level, oneline.Markdown(r.Expected), oneline.Markdown(r.Actual))
	if r.Detail != "" {
		fmt.Fprintf(w, "- note: %s\n", oneline.Markdown(r.Detail))
	}
	for _, server := range r.Check.Advice.Servers(report.Servers) {
		a := r.Check.Advice[server]
		fmt.Fprintf(w, "- %s", server)
		if a.In != "" {
			fmt.Fprintf(w, ", in %s", oneline.Markdown(a.In))
		}
		if a.Text != "" {
			fmt.Fprintf(w, ": %s", oneline.Markdown(a.Text))
		}
		fmt.Fprintln(w)
		if a.Config != "" {
			fmt.Fprintf(w, "\n  ```\n  %s\n  ```\n\n", strings.ReplaceAll(a.Config, "\n", "\n  "))
		}
	}
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
