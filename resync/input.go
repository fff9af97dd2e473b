package resync

import (
	"math"
	"time"
)

// Never is the deadline of a machine that waits for no instant.
const Never = time.Duration(math.MaxInt64)

// Kind says what an Input tells the machine.
type Kind uint8

// The kinds of input.
const (
	Tick      Kind = iota // time has passed
	Boot                  // the firmware starts; Settings and Cause are read
	Online                // the device has an address (FV-SRC-5); Rand and Upgrade are read
	Offline               // the device has lost its address
	LineBusy              // the first line became active
	LinesIdle             // the last line became idle
	Trigger               // somebody asks for a resync; Cause says who (FV-RS-10, FV-EXT-1)
	Done                  // Job ended with Outcome; Rand is read
	PowerOff              // the device stops, until the next Boot
)

// Input is one thing that happened. Fields that its kind does not read are
// ignored.
type Input struct {
	Now      time.Duration // since the run began; never less than in the input before
	Rand     uint64        // 64 fresh random bits
	Settings *Settings     // in force from this boot on
	Kind     Kind
	Cause    Cause
	Job      Job
	Outcome  Outcome
	Upgrade  bool // the Upgrade Rule names a URL that was not done yet (FV-UP-2)
}

// Do says what an Action asks of the caller.
type Do uint8

// The actions of a machine.
const (
	Due     Do = iota // Job fell due at the instant Due for Cause; to be journalled
	Hold              // Job is due, and waits for the lines; to be journalled
	Start             // begin Job, and say later that it is Done
	Commit            // store what Job brought, in one step (FV-CFG-4)
	Restart           // reboot with Cause, which is stored first (FV-RS-2)
)

// Action is one thing that the machine wants done. Actions are carried out in
// order.
type Action struct {
	Due   time.Duration
	Do    Do
	Job   Job
	Cause Cause
}
