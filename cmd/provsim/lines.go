package main

import (
	"bufio"
	"strings"
)

// readLines gives each line of standard input that is not empty to a function. A
// program in the background that reads from its terminal is stopped by the system,
// unless it says that it would rather get an error.
func readLines(e *env, take func(line string)) {
	ignoreTerminal()
	lines := bufio.NewScanner(e.in)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			take(line)
		}
	}
}
