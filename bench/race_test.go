package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestContendersTakeTurns(t *testing.T) {
	var turns string
	turn := func(name, absent string, err error) contender {
		return contender{
			name: name, absent: absent,
			work:  func(context.Context) error { turns += name; return nil },
			check: func() error { return err },
		}
	}
	results, err := race{least: 3, most: 3}.run(t.Context(), []contender{
		turn("A", "", nil), turn("B", "not installed", nil), turn("C", "", errors.New("body differs")), turn("D", "", nil),
	})
	if turns != "ACDADAD" {
		t.Errorf("turns %s, want ACDADAD: B is absent and C errs", turns)
	}
	if err == nil || !strings.Contains(err.Error(), "C: body differs") {
		t.Errorf("error %v, want what C did wrong", err)
	}
	for i, want := range []string{"", "not installed", "erred", ""} {
		if results[i].absent != want {
			t.Errorf("contender %d: absent %q, want %q", i, results[i].absent, want)
		}
	}
}

func TestBudgetEndsARace(t *testing.T) {
	for _, c := range []struct {
		name string
		race race
		want int
	}{
		{"the budget is spent: least rounds", race{least: 2, most: 9}, 2},
		{"the budget lasts: most rounds", race{least: 2, most: 9, budget: time.Hour}, 9},
	} {
		nothing := contender{work: func(context.Context) error { return nil }, check: func() error { return nil }}
		results, err := c.race.run(t.Context(), []contender{nothing})
		if len(results[0].took) != c.want || err != nil {
			t.Errorf("%s: %d rounds, %v, want %d", c.name, len(results[0].took), err, c.want)
		}
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		name string
		took []time.Duration
		want string
	}{
		{"odd: the middle one", []time.Duration{40 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond}, "500 (250-1000)"},
		{"even: the mean of the middle two", []time.Duration{1 * time.Second, 2 * time.Second}, "7.50 (5.00-10.0)"},
	} {
		if got := (result{took: c.took}).rate(10); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := (result{absent: "erred", took: []time.Duration{1}}).milliseconds(); got != "erred" {
		t.Errorf("cell %q of a contender that erred, want no figures", got)
	}
}
