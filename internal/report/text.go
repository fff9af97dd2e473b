package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"provsim/internal/tally"
)

// textWidth is where lines for terminals are broken.
const textWidth = 96

// Text writes the report for terminals.
func (r *Results) Text(w io.Writer) error {
	s := r.Summary
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s: %s\n\n", s.Scenario, conditions(s))
	word, text := r.Verdict()
	fmt.Fprint(b, wrapped(strings.ToUpper(word)+": "+text, ""))
	fmt.Fprintln(b)
	for _, sentence := range Answer(s) {
		fmt.Fprint(b, wrapped("- "+sentence, "  "))
	}
	columns(b, thresholdTable(s))
	if r.Against != nil {
		columns(b, r.Against.table())
	}
	for _, t := range filled(append(Tables(s), banTable(s))) {
		columns(b, t)
	}
	return b.Flush()
}

// conditions says what was run, and how.
func conditions(s *tally.Summary) string {
	how := "on the wall clock"
	if s.Virtual {
		how = "in virtual time"
	}
	text := fmt.Sprintf("%s, %s %s, seed %d", plural(s.Counts.Devices, "device"), Lasting(time.Duration(s.Counts.Duration)), how, s.Seed)
	if s.Shards > 1 {
		text += fmt.Sprintf(", shard %d of %d", s.Shard, s.Shards)
	}
	return text
}

// wrapped breaks a text into lines, of which those after the first begin with
// the indent.
func wrapped(text, indent string) string {
	var b strings.Builder
	width := 0
	for i, word := range strings.Split(text, " ") {
		length := len([]rune(word))
		switch {
		case i == 0:
		case width+1+length > textWidth:
			b.WriteString("\n" + indent)
			width = len(indent)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += length
	}
	return b.String() + "\n"
}

// columns writes a table whose columns are as wide as they need.
func columns(w io.Writer, t Table) {
	if len(t.Rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", t.Title)
	aligned := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range append([][]string{t.Head}, t.Rows...) {
		if len(cells) > 0 {
			fmt.Fprintln(aligned, "  "+strings.Join(cells, "\t"))
		}
	}
	aligned.Flush()
}

func thresholdTable(s *tally.Summary) Table {
	t := Table{Title: "The run fails if"}
	for _, result := range s.Thresholds {
		word := "held"
		switch {
		case !result.Known:
			word = "unknown"
		case result.Failed:
			word = "FAILED"
		}
		t.row(result.Expression, "found "+result.Value, word)
	}
	return t
}
