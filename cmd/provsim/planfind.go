package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"provsim/fleet"
)

// findFlags are a search for the value of a quantity.
type findFlags struct {
	quantity  string
	low, high int
}

func (f *findFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.quantity, "find", "", "search the smallest random-delay or workers, or the most devices, that keep the thresholds; `QUANTITY`")
	fs.IntVar(&f.low, "find-from", 0, "the smallest `VALUE` to try (default: 0 s, or 1)")
	fs.IntVar(&f.high, "find-to", 0, "the largest `VALUE` to try (default: the run's length of a random-delay, 5000000 devices, 1024 workers)")
}

// find searches, and prints the answer with its evidence.
func (p *plan) find(e *env, s *fleet.Scenario) error {
	q := fleet.Quantity(p.quantity)
	found, err := fleet.Find(e.ctx, s, q, fleet.FindOptions{
		Low: p.low, High: p.high,
		Progress: func(probe fleet.Trial) { fmt.Fprintf(e.err, "provsim: %s\n", probeLine(q, probe)) },
	})
	if err != nil {
		return err
	}
	return printFound(e, found)
}

// probeLine describes the run with one value of a quantity.
func probeLine(q fleet.Quantity, p fleet.Trial) string {
	var figures []string
	word := "keeps the thresholds"
	for _, r := range p.Results {
		if r.Failed || !r.Known {
			word = "breaks a threshold"
		}
		figures = append(figures, fmt.Sprintf("%s: %s", r.Expression, r.Value))
	}
	if p.Advice != nil {
		figures = append(figures, "the server was overloaded: "+p.Advice.Why)
		if !p.Kept && word == "keeps the thresholds" {
			word = "is too short"
		}
	}
	return fmt.Sprintf("%s %s (%s)", q.Value(p.Value), word, strings.Join(figures, "; "))
}

// printFound prints the answer of a search with its evidence.
func printFound(e *env, f *fleet.Found) error {
	if _, err := fmt.Fprintln(e.out, answer(f)); err != nil {
		return err
	}
	for _, p := range f.Trials {
		if _, err := fmt.Fprintf(e.out, "  %s\n", probeLine(f.Quantity, p)); err != nil {
			return err
		}
	}
	if !f.Kept {
		return found()
	}
	return nil
}

// answer describes what a search has found, and how exact that is.
func answer(f *fleet.Found) string {
	q := f.Quantity
	which, next, end := "smallest", f.Value-f.Step, f.Low
	if f.Largest {
		which, next, end = "largest", f.Value+f.Step, f.High
	}
	sure := fmt.Sprintf("%s is not enough", q.Value(next))
	switch {
	case !f.Kept:
		return fmt.Sprintf("no %s from %s to %s keeps the thresholds", q.Label(), q.Value(f.Low), q.Value(f.High))
	case !f.Exact:
		sure = "the search ended before it came down to one"
	case f.Value == end:
		sure = "the end of the range"
	case f.Largest:
		sure = fmt.Sprintf("%s is too many", q.Value(next))
	}
	return fmt.Sprintf("the %s %s that keeps the thresholds: %s (%s)", which, q.Label(), q.Value(f.Value), sure)
}
