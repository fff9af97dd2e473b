package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// A race is how often contenders do their work: least rounds, and further ones
// up to most while the budget lasts.
type race struct {
	least, most int
	budget      time.Duration
}

// A contender does the work of a race.
type contender struct {
	name   string
	absent string                      // why it takes no part; empty: it does
	work   func(context.Context) error // is timed
	check  func() error                // says whether the work was done right, and is not timed
}

// A result is what became of a contender.
type result struct {
	took   []time.Duration
	absent string // why there is no figure
}

// run lets the contenders work in turn. One that errs is out of the race; the
// error names all of those.
func (r race) run(ctx context.Context, contenders []contender) ([]result, error) {
	results := make([]result, len(contenders))
	for i, c := range contenders {
		results[i].absent = c.absent
	}
	var failures error
	start := time.Now()
	for round := 0; round < r.least || round < r.most && time.Since(start) < r.budget; round++ {
		for i, c := range contenders {
			if results[i].absent != "" {
				continue
			}
			if err := results[i].lap(ctx, c); err != nil {
				results[i].absent = "erred"
				failures = errors.Join(failures, fmt.Errorf("%s: %w", c.name, err))
			}
		}
	}
	return results, failures
}

// lap times one piece of work.
func (r *result) lap(ctx context.Context, c contender) error {
	// Nobody pays for what the contender before has left to collect.
	runtime.GC()
	start := time.Now()
	if err := c.work(ctx); err != nil {
		return err
	}
	r.took = append(r.took, time.Since(start))
	return c.check()
}

// milliseconds returns the time that the work took.
func (r result) milliseconds() string {
	return r.cell(func(took time.Duration) float64 { return took.Seconds() * 1e3 })
}

// rate returns how many of amount were done in a second.
func (r result) rate(amount float64) string {
	return r.cell(func(took time.Duration) float64 { return amount / took.Seconds() })
}

func (r result) cell(figure func(time.Duration) float64) string {
	if r.absent != "" {
		return r.absent
	}
	figures := make([]float64, len(r.took))
	for i, took := range r.took {
		figures[i] = figure(took)
	}
	return spread(figures)
}

// spread returns "median (min-max)".
func spread(figures []float64) string {
	return fmt.Sprintf("%s (%s-%s)", significant(median(figures)), significant(slices.Min(figures)), significant(slices.Max(figures)))
}

// median returns the middle figure, or the mean of the middle two.
func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	half := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[half-1] + sorted[half]) / 2
	}
	return sorted[half]
}

// significant writes three digits of a figure; more would be noise.
func significant(figure float64) string {
	switch {
	case figure >= 100:
		return fmt.Sprintf("%.0f", figure)
	case figure >= 10:
		return fmt.Sprintf("%.1f", figure)
	}
	return fmt.Sprintf("%.2f", figure)
}
