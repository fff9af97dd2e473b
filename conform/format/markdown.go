package format

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"provsim/conform"
	"provsim/conform/check"
)

// Markdown writes a table of all checks, and a section for each that has failed.
func Markdown(w io.Writer, r *conform.Report) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# Provisioning check\n\n%s.\n\n| check | | title | level |\n|---|---|---|---|\n", capital(summary(r)))
	for i := range r.Results {
		result := &r.Results[i]
		fmt.Fprintf(b, "| %s | %s | %s | %v |\n", result.Check.ID, word(result), escape(result.Check.Title), result.Check.Level)
	}
	for i := range r.Results {
		if result := &r.Results[i]; result.Verdict == check.Failed && !result.Known {
			section(b, result)
		}
	}
	return b.Flush()
}

func section(w io.Writer, r *conform.Result) {
	fmt.Fprintf(w, "\n## %s: %s\n\n%s (%s)\n\n- expected: %s\n- actual: %s\n", r.Check.ID, escape(r.Check.Title),
		escape(r.Check.Requirement), escape(r.Check.Source), escape(r.Expected), escape(r.Actual))
	if r.Detail != "" {
		fmt.Fprintf(w, "- note: %s\n", escape(r.Detail))
	}
	for _, server := range servers(r.Check) {
		fmt.Fprintf(w, "- %s: %s\n", server, escape(r.Check.Advice[server]))
	}
}

// escape takes the meaning from what Markdown and the HTML in it would obey: a
// server's answer may be part of the text.
func escape(text string) string {
	var b strings.Builder
	for _, c := range text {
		if strings.ContainsRune("\\`*_{}[]<>()#|!~&", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
