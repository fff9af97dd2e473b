package format

import (
	"fmt"
	"io"
	"strings"

	"provsim/conform/check"
)

// advise writes what there is to do, a line for each server and below it the
// lines for its configuration.
func advise(w io.Writer, indent string, advice check.Advices, inUse []check.Server) {
	for _, server := range advice.Servers(inUse) {
		a := advice[server]
		title := string(server)
		if a.In != "" {
			title += ", in " + a.In
		}
		switch {
		case a.Text != "":
			fmt.Fprintf(w, "%s%s: %s\n", indent, title, a.Text)
		default:
			fmt.Fprintf(w, "%s%s:\n", indent, title)
		}
		for line := range strings.Lines(a.Config) {
			fmt.Fprintf(w, "%s    %s\n", indent, strings.TrimSuffix(line, "\n"))
		}
	}
}
