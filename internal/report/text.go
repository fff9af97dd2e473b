package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"provsim/internal/oneline"
	"provsim/internal/tally"
)

// textWidth is where lines for terminals are broken.
const textWidth = 96

// Text writes the report for terminals.
func (r *Results) Text(w io.Writer) error {
	s := r.Summary
	b := bufio.NewWriter(w)
	if s.Scenario != "" {
		fmt.Fprintf(b, "%s: ", oneline.Clean(s.Scenario))
	}
	fmt.Fprintf(b, "%s\n\n", conditions(s))
	word, text := r.Verdict()
	fmt.Fprint(b, wrapped(strings.ToUpper(word)+": "+text, ""))
	fmt.Fprintln(b)
	for _, sentence := range Answer(s) {
		fmt.Fprint(b, wrapped("- "+sentence, "  "))
	}
	for _, t := range r.tables() {
		columns(b, t)
	}
	return b.Flush()
}

// tables are those of a report: the rules, the comparison with an earlier run, and
// what was counted.
func (r *Results) tables() []Table {
	all := []Table{r.ruleTable()}
	if r.Against != nil {
		all = append(all, r.Against.table())
	}
	return append(filled(all), counted(r.Summary)...)
}

// counted are the tables of what was counted, those of bans included.
func counted(s *tally.Summary) []Table {
	return append(Tables(s), filled([]Table{cutTable(s), banTable(s)})...)
}

// conditions says what was run, and how.
func conditions(s *tally.Summary) string {
	how := "on the wall clock"
	if s.Virtual {
		how = "in virtual time"
	}
	text := fmt.Sprintf("%s, %s %s, seed %d", Plural(s.Counts.Devices, "device"), Lasting(time.Duration(s.Counts.Duration)), how, s.Seed)
	if s.Shards > 1 {
		text += fmt.Sprintf(", shard %d of %d", s.Shard, s.Shards)
	}
	return text
}

// wrapped breaks a text into lines, of which those after the first begin with
// the indent. A number and its unit stay together.
func wrapped(text, indent string) string {
	text = glued(text)
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
	return strings.ReplaceAll(b.String(), "\u00a0", " ") + "\n"
}

// columns writes a table whose columns are as wide as they need.
func columns(w io.Writer, t Table) {
	fmt.Fprintf(w, "\n%s\n", t.Title)
	aligned := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range append([][]string{t.Head}, t.Rows...) {
		if len(cells) > 0 {
			fmt.Fprintln(aligned, "  "+strings.Join(cells, "\t"))
		}
	}
	aligned.Flush()
}

// rulesTitle is what stands above the rules.
func (r *Results) rulesTitle() string {
	if r.byDefault() {
		return "The run passes if"
	}
	return "The run fails if"
}

func (r *Results) ruleTable() Table {
	t := Table{Title: r.rulesTitle()}
	for _, result := range r.Summary.Thresholds {
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
