package conform

import (
	"fmt"
	"path"
	"strings"
	"time"

	"provsim/conform/check"
	"provsim/internal/nearest"
)

// Options say which checks to run and how. The zero value runs all that need no
// permission.
type Options struct {
	// Checks are those to choose from; nil stands for [Catalogue].
	Checks []check.Check
	// Only and Skip choose by ID ("tftp/4"), by group ("tftp") or by tag
	// ("security"); an empty Only chooses all.
	Only, Skip []string
	// Level is the least level to ask for.
	Level check.Level
	// Baseline are failures of an earlier examination that no longer count; see
	// [ReadBaseline].
	Baseline []Known
	// Allow permits checks that do more than read.
	Allow check.Allow
	// Timeout is what one check may take; 0 stands for [DefaultTimeout].
	Timeout time.Duration
	// Patience is how long a check waits for an answer that should come at
	// once; 0 stands for [check.DefaultPatience].
	Patience time.Duration
	// Parallel is how many checks run at once; 0 stands for [DefaultParallel].
	Parallel int
	// Progress is called after each check, from one goroutine at a time, with
	// the number of those that have ended, and of all.
	Progress func(r Result, done, all int)
}

// The defaults of Options.
const (
	DefaultTimeout  = 15 * time.Second
	DefaultParallel = 16
)

// Choose returns the checks that the options ask for. An error names a word that
// chooses nothing.
func (o *Options) Choose() ([]check.Check, error) {
	all := o.Checks
	if all == nil {
		all = Catalogue()
	}
	for _, word := range append(append([]string{}, o.Only...), o.Skip...) {
		if !anyNamed(all, word) {
			return nil, unknownCheck(all, word)
		}
	}
	var chosen []check.Check
	for _, c := range all {
		if c.Level >= o.Level && (len(o.Only) == 0 || named(c, o.Only)) && !named(c, o.Skip) {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// named reports whether one of the words is a check's ID, group or tag.
func named(c check.Check, words []string) bool {
	for _, w := range words {
		if w == c.ID || w == path.Dir(c.ID) {
			return true
		}
		for _, tag := range c.Tags {
			if w == string(tag) {
				return true
			}
		}
	}
	return false
}

func anyNamed(all []check.Check, word string) bool {
	for _, c := range all {
		if named(c, []string{word}) {
			return true
		}
	}
	return false
}

func unknownCheck(all []check.Check, word string) error {
	var known []string
	for _, c := range all {
		known = append(known, c.ID, path.Dir(c.ID))
	}
	// Of IDs only those of the same group are near.
	if group, _, isID := strings.Cut(word, "/"); isID && anyNamed(all, group) {
		return fmt.Errorf("group %s has no check %q", group, word)
	}
	if near, ok := nearest.Name(word, known); ok {
		return fmt.Errorf("no check, group or tag %q, did you mean %q?", word, near)
	}
	return fmt.Errorf("no check, group or tag %q", word)
}
