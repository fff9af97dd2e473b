package main

import (
	"fmt"
	"strings"

	"provsim/fleet"
)

// probeLine says what one value of a quantity came to.
func probeLine(q fleet.Quantity, p fleet.Probe) string {
	word := "keeps the thresholds"
	if !p.Kept {
		word = "breaks a threshold"
	}
	var figures []string
	for _, r := range p.Verdicts {
		figures = append(figures, fmt.Sprintf("%s: %s", r.Expression, r.Value))
	}
	return fmt.Sprintf("%s %d %s (%s)", q, p.Value, word, strings.Join(figures, ", "))
}

// printFound prints the answer of a search, and what it rests on.
func printFound(e *env, f *fleet.Found) error {
	if _, err := fmt.Fprintln(e.out, answer(f)); err != nil {
		return err
	}
	for _, p := range f.Probes {
		if _, err := fmt.Fprintf(e.out, "  %s\n", probeLine(f.Quantity, p)); err != nil {
			return err
		}
	}
	if !f.Kept {
		return found()
	}
	return nil
}

// answer says what a search has found, and how sure that is.
func answer(f *fleet.Found) string {
	which, next := "smallest", "one less breaks them"
	if f.Largest {
		which, next = "largest", "one more breaks them"
	}
	switch {
	case !f.Kept:
		return fmt.Sprintf("no %s in the range keeps the thresholds", f.Quantity)
	case !f.Exact:
		next = "not narrowed down to the end"
	case f.Value == f.Probes[0].Value && !f.Largest || f.Value == f.Probes[len(f.Probes)-1].Value && f.Largest:
		next = "the end of the range"
	}
	return fmt.Sprintf("the %s %s that keeps the thresholds: %d (%s)", which, f.Quantity, f.Value, next)
}
