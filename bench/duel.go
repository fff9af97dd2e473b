package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
)

// A duel is a comparison by rate: each contender works for a while, and says
// how much it did in a second. They take turns, round after round.
type duel struct {
	rounds int
	before func() error // each turn
}

// A fighter is a contender of a duel.
type fighter struct {
	name   string
	absent string // why it takes no part; empty: it does
	turn   func(context.Context) (figures, error)
}

// figures are what a fighter did in a turn.
type figures struct {
	rate float64 // in a second
	cost float64 // seconds of processor time each
}

// A score is what became of a fighter.
type score struct {
	rates, costs []float64
	absent       string
}

// fight lets the fighters work in turn. One that errs is out; the error names
// all of those.
func (d duel) fight(ctx context.Context, fighters []fighter) ([]score, error) {
	scores := make([]score, len(fighters))
	for i, f := range fighters {
		scores[i].absent = f.absent
	}
	var failures error
	for range d.rounds {
		for i, f := range fighters {
			if scores[i].absent != "" {
				continue
			}
			did, err := d.turn(ctx, f)
			if err != nil {
				scores[i].absent = "erred"
				failures = errors.Join(failures, fmt.Errorf("%s: %w", f.name, err))
				continue
			}
			fmt.Fprintf(os.Stderr, "  %s: %s/s\n", f.name, significant(did.rate))
			scores[i].rates = append(scores[i].rates, did.rate)
			scores[i].costs = append(scores[i].costs, did.cost*1e6)
		}
	}
	return scores, failures
}

func (d duel) turn(ctx context.Context, f fighter) (figures, error) {
	if err := d.before(); err != nil {
		return figures{}, err
	}
	runtime.GC()
	return f.turn(ctx)
}

// cell returns "median (min-max)" of the rates or the costs, or why there is
// none.
func (s score) cell(figures []float64) string {
	if s.absent != "" {
		return s.absent
	}
	return spread(figures)
}

// versus returns how many times another's this score's median rate is.
func (s score) versus(other score) string {
	if len(s.rates) == 0 || len(other.rates) == 0 {
		return ""
	}
	return significant(median(s.rates) / median(other.rates))
}
