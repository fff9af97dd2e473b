package main

import (
	"fmt"
	"io"
	"strings"
)

// A table is Markdown with its columns aligned, to be read as text too.
type table struct {
	title string
	rows  [][]string // the first one names the columns
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write writes the table under its title.
func (t *table) write(to io.Writer) error {
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "## %s\n\n", t.title)
	for n, row := range t.rows {
		for i, cell := range row {
			fmt.Fprintf(&text, "| %-*s ", widths[i], cell)
		}
		text.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				text.WriteString("|" + strings.Repeat("-", width+2))
			}
			text.WriteString("|\n")
		}
	}
	_, err := fmt.Fprintln(to, text.String())
	return err
}
