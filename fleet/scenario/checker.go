package scenario

import (
	"fmt"
	"math"
	"time"

	"provsim/internal/tally"
)

// Validate says what is wrong with a scenario; the error is a *Error.
// [Parse] has done it, so it is for scenarios that were made or changed
// in Go.
func (s *Scenario) Validate() error {
	c := &checker{faults: &faults{}}
	s.check(c)
	return c.faults.err()
}

// checker holds a scenario against what a run can do. Its methods take the name
// of a field below the path.
type checker struct {
	faults *faults
	path   string
}

// in returns a checker of what lies deeper.
func (c *checker) in(format string, args ...any) *checker {
	return &checker{c.faults, c.path + fmt.Sprintf(format, args...)}
}

func (c *checker) fault(field, format string, args ...any) {
	c.faults.add(faultf(c.path+field, format, args...))
}

// counts takes a number from 1 on; 0 stands for the default.
func (c *checker) counts(field string, n, high int) {
	if n != 0 {
		c.within(field, n, 1, high)
	}
}

func (c *checker) within(field string, n, low, high int) {
	if n < low || n > high {
		c.fault(field, "found %d, want %d to %d", n, low, high)
	}
}

func (c *checker) lasts(field string, d, low, high time.Duration) {
	if d < low || d > high {
		c.fault(field, "found %s, want %s to %s", Length(d), Length(low), Length(high))
	}
}

func (c *checker) fraction(field string, f Fraction) {
	if !(f >= 0 && f <= 1) {
		c.fault(field, "found %v, want a part from 0%% to 100%%", f)
	}
}

// weight takes any finite number that is not negative; 0 counts as 1.
func (c *checker) weight(field string, w float64) {
	if !(w >= 0) || math.IsInf(w, 0) {
		c.fault(field, "found %v, want a number from 0 on", w)
	}
}

func (c *checker) thresholds(texts []string) {
	for i, t := range texts {
		if _, err := tally.ParseThreshold(t); err != nil {
			c.fault(fmt.Sprintf("thresholds[%d]", i), "%v", err)
		}
	}
}
