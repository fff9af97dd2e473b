package tally

import "provsim/internal/journal"

// Seconds is a duration that is a number of seconds in files, exact to the
// nanosecond.
type Seconds = journal.Seconds
