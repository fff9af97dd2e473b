package format

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"provsim/conform"
	"provsim/conform/check"
)

// TAP writes version 14 of the Test Anything Protocol. What does not make a
// setup bad is a TODO, which harnesses report and do not count.
func TAP(w io.Writer, r *conform.Report) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "TAP version 14\n1..%d\n", len(r.Results))
	for i := range r.Results {
		point(b, i+1, &r.Results[i])
	}
	if r.Interrupted {
		fmt.Fprintln(b, "Bail out! interrupted")
	}
	return b.Flush()
}

// point writes one test point, with a YAML block where it is not met.
func point(w io.Writer, number int, r *conform.Result) {
	word, directive := "ok", ""
	switch {
	case r.Verdict == check.Skipped:
		directive = " # SKIP " + oneLine(r.Detail)
	case r.Bad():
		word = "not ok"
	case r.Verdict == check.Failed:
		word, directive = "not ok", " # TODO known"
		if !r.Known {
			directive = " # TODO for information"
		}
	}
	fmt.Fprintf(w, "%s %d - %s %s%s\n", word, number, r.Name(), oneLine(r.Check.Title), directive)
	if word == "ok" {
		return
	}
	fmt.Fprintln(w, "  ---")
	for _, line := range []struct{ key, value string }{
		{"level", r.Check.Level.String()}, {"requirement", r.Check.Requirement}, {"source", r.Check.Source},
		{"expected", r.Expected}, {"actual", r.Actual}, {"note", r.Detail},
	} {
		if line.value != "" {
			fmt.Fprintf(w, "  %s: %s\n", line.key, strconv.QuoteToGraphic(line.value))
		}
	}
	fmt.Fprintln(w, "  ...")
}

// oneLine keeps a text from being read as a directive.
func oneLine(text string) string { return strings.ReplaceAll(text, "#", `\#`) }
