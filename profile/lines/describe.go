package lines

import (
	"bytes"
	"fmt"
	"strings"

	"provsim/profile"
)

// corrupt returns the error of a file without settings.
func (g *Grammar) corrupt(what string) error {
	return profile.Corrupt("the file has no line " + g.Form + ": " + what)
}

// describe says what a file without settings is instead.
func (g *Grammar) describe(body []byte, bad []profile.BadLine) string {
	what := profile.Foreign(body)
	switch {
	case what != "":
		return what
	case len(bad) > 0:
		return fmt.Sprintf("line %d, column %d: %s", bad[0].Line, bad[0].Column, bad[0].Why)
	case g.First != "" && !strings.HasPrefix(string(bytes.TrimPrefix(body, []byte(mark))), g.First):
		return "the first line does not begin with " + g.First
	}
	return "it has only comments"
}
