package scenario

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNothingToDo means that a run of a scenario would do nothing, or not what the
// scenario says.
var ErrNothingToDo = errors.New("the run has nothing to do")

// CheckWork reports whether a phone is switched on and every event begins before
// the run ends. The error is [ErrNothingToDo].
func (s *Scenario) CheckWork() error {
	f := s.Filled()
	first := f.Phases[0].At
	for _, p := range f.Phases {
		first = min(first, p.At)
	}
	if first >= f.Duration {
		return fmt.Errorf("%w: the first phone is switched on at %s, and the run ends at %s", ErrNothingToDo, Length(first), Length(f.Duration))
	}
	for i := range f.Events {
		if e := &f.Events[i]; e.At >= f.Duration {
			name, _ := e.Kind()
			return fmt.Errorf("%w for event %d, %s: it comes at %s, and the run ends at %s", ErrNothingToDo, i+1, name, Length(e.At), Length(f.Duration))
		}
	}
	return nil
}

// Length returns a duration in the form of a scenario without zeros at its end,
// such as 1h or 90s.
func Length(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if short, ok := strings.CutSuffix(text, zero); ok {
			text = short + zero[:1]
		}
	}
	return text
}
