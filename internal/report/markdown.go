package report

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"provsim/internal/oneline"
)

// Markdown writes the report for a page, or for the comment of a build server.
func (r *Results) Markdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	word, text := r.Verdict()
	fmt.Fprintf(b, "# %s\n\n%s\n\n**%s**: %s\n\n", oneline.Markdown(oneline.Clean(pageTitle(r.Summary))), oneline.Markdown(sentenceCase(conditions(r.Summary))),
		strings.ToUpper(word), oneline.Markdown(text))
	for _, sentence := range Answer(r.Summary) {
		fmt.Fprintf(b, "- %s\n", oneline.Markdown(sentence))
	}
	for _, t := range r.tables() {
		fmt.Fprintf(b, "\n## %s\n\n", oneline.Markdown(t.Title))
		width := len(t.Rows[0])
		for i, cells := range append([][]string{append(t.Head, make([]string, width-len(t.Head))...)}, t.Rows...) {
			for j, cell := range cells {
				cells[j] = oneline.Markdown(cell)
			}
			fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
			if i == 0 {
				fmt.Fprintf(b, "|%s\n", strings.Repeat("---|", width))
			}
		}
	}
	return b.Flush()
}

// CSV writes every cell of the report's tables as a row of its own: the table, the
// first cell of its row, the title of its column, and its text.
func (r *Results) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"table", "row", "column", "value"})
	for _, t := range r.tables() {
		for _, cells := range t.Rows {
			for i, cell := range cells[1:] {
				column := ""
				if i+1 < len(t.Head) {
					column = t.Head[i+1]
				}
				out.Write([]string{t.Title, oneline.Cell(cells[0]), column, oneline.Cell(cell)})
			}
		}
	}
	out.Flush()
	return out.Error()
}
