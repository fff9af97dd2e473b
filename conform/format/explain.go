package format

import (
	"bufio"
	"fmt"
	"io"

	"provsim/conform/check"
)

// Explain writes all that there is to know of a check, for people.
func Explain(w io.Writer, c check.Check) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s: %s\n\n%s\n\nlevel:  %v\nsource: %s\n", c.ID, c.Title, c.Requirement, c.Level, c.Source)
	for _, tag := range c.Tags {
		fmt.Fprintf(b, "tag:    %s\n", tag)
	}
	for _, need := range c.Needs {
		fmt.Fprintf(b, "needs:  %v\n", need)
	}
	fmt.Fprintln(b, "\nWhat to do:")
	advise(b, "  ", c.Advice, nil)
	return b.Flush()
}
