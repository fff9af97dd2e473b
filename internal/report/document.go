package report

import (
	"bufio"
	"fmt"
	"io"
)

// Document is a report in sentences, pictures and tables, as a page or as text. Its
// texts are in one line each.
type Document struct {
	Title    string
	Headline string
	Tells    string // the title of the sentences
	Answer   []string
	Figures  []Figure
	Tables   []Table
	Of       string // what the facts are about
	About    []Fact
}

// Fact is a name and its value.
type Fact struct{ Name, Value string }

// HTML writes the document as one page that needs nothing from elsewhere, and no
// script. Its error is the writer's.
func (d Document) HTML(w io.Writer) error {
	d.Tables = filled(d.Tables)
	return (&page{Document: d}).write(w)
}

// Text writes the document for terminals, without its pictures. Its error is the
// writer's.
func (d Document) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s: %s\n\n", d.Title, d.Headline)
	for _, sentence := range d.Answer {
		fmt.Fprint(b, wrapped("- "+sentence, "  "))
	}
	for _, t := range filled(d.Tables) {
		columns(b, t)
	}
	return b.Flush()
}
