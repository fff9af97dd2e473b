package check

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// A Check is one question to a server setup.
type Check struct {
	// ID is the group and a number in it, such as "tftp/4". It never changes,
	// because people write it into baselines.
	ID    string
	Title string // a few words, lower case, no full stop
	// Requirement says in a sentence what a server must, should or may do.
	Requirement string
	// Source is where that is written down: an RFC and its section, a rule of
	// the phone, a manual, an incident.
	Source string
	Level  Level
	Tags   []Tag
	// Needs are what the target must have for the check to make sense; without
	// them it is skipped.
	Needs []Need
	// Alone is for checks that would disturb others, or be disturbed: nothing
	// else is asked of the target while it runs.
	Alone bool
	// Patient is for checks that hardly load the server: they wait for what must not
	// come, for a repetition, or while the server waits for them. They begin before
	// the others and wait beside them.
	Patient bool
	// Each is for checks that ask for every phone, those of Target.Rest too: they may take
	// the time of a check for each 50 of them.
	Each   bool
	Advice Advices // what an administrator can do
	// Run asks. It does not panic over an answer, ends with the context, and
	// leaves no connection and no goroutine behind.
	Run func(context.Context, *Probe) Finding
}

// Level says how much it matters that a check fails.
type Level uint8

// The levels, from the least.
const (
	Info   Level = iota // worth knowing; never makes a setup bad
	Should              // phones work, but not as well or as safely as they could
	Must                // phones fail, or their secrets are open to everybody
)

var levelWords = []string{Info: "info", Should: "should", Must: "must"}

// String returns the word of reports and flags.
func (l Level) String() string { return word(levelWords, l) }

// MarshalText returns the word of String.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a word of String.
func (l *Level) UnmarshalText(text []byte) (err error) {
	*l, err = find[Level](levelWords, "level", string(text))
	return err
}

// A Tag is a theme that goes across the groups.
type Tag string

// The tags.
const (
	Security    Tag = "security"    // a failure gives an attacker something
	Performance Tag = "performance" // a failure shows when many phones come at once
	OldPhones   Tag = "old-phones"  // a failure shows with old firmware only
)

// Validate says what a check lacks for a catalogue: an ID of the form group/1,
// words without a full stop at the title's end, a requirement, a source, advice
// and something to run.
func (c Check) Validate() error {
	group, number, _ := strings.Cut(c.ID, "/")
	n, err := strconv.Atoi(number)
	switch {
	case group == "" || err != nil || n < 1:
		return fmt.Errorf("check %q: want an ID such as tftp/4", c.ID)
	case c.Title == "" || strings.HasSuffix(c.Title, "."):
		return fmt.Errorf("%s: title %q, want a few words without a full stop", c.ID, c.Title)
	case !strings.HasSuffix(c.Requirement, "."):
		return fmt.Errorf("%s: requirement %q, want a sentence", c.ID, c.Requirement)
	case c.Source == "":
		return fmt.Errorf("%s has no source", c.ID)
	case len(c.Advice) == 0:
		return fmt.Errorf("%s has no advice, want at least a line for %q", c.ID, AnyServer)
	case c.Run == nil:
		return fmt.Errorf("%s has nothing to run", c.ID)
	}
	for server, a := range c.Advice {
		if a.Text == "" && a.Config == "" {
			return fmt.Errorf("%s has empty advice for %s", c.ID, server)
		}
	}
	return nil
}
