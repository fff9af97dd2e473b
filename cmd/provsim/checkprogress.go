package main

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"provsim/conform"
)

// checkProgress is a line on a terminal that says how far an examination is.
type checkProgress struct {
	e     *env
	shown bool
}

func newCheckProgress(e *env) *checkProgress {
	file, ok := e.err.(*os.File)
	return &checkProgress{e: e, shown: ok && term.IsTerminal(int(file.Fd()))}
}

// eraseLine takes back what is on the line.
const eraseLine = "\r\x1b[K"

func (p *checkProgress) show(r conform.Result, done, all int) {
	if p.shown {
		fmt.Fprintf(p.e.err, eraseLine+"%d of %d checks, the latest %s", done, all, r.Check.ID)
	}
}

func (p *checkProgress) close() {
	if p.shown {
		fmt.Fprint(p.e.err, eraseLine)
	}
}
