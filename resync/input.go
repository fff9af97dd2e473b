package resync

import (
	"math"
	"time"
)

// Never is the deadline of a machine that waits for an event and has no timer.
const Never = time.Duration(math.MaxInt64)

// Kind says what an Input tells the machine.
type Kind uint8

// The kinds of input.
const (
	Tick      Kind = iota // time has passed
	Boot                  // the firmware starts; Settings and Cause are read
	Online                // the device has an address (FV-SRC-5); Rand and Wanted are read
	Offline               // the device has lost its address
	LineBusy              // the first line became active
	LinesIdle             // the last line became idle
	Trigger               // somebody asks for Job; Cause says who (FV-RS-10, FV-EXT-1)
	Done                  // Job ended with Outcome; Stays, Final, Began, Rand and MAC are read
	Dropped               // Job was dropped, as the machine has asked by Drop; Rand and MAC are read
	PowerOff              // the device stops, until the next Boot
)

// Input is one thing that happened. Fields that its kind does not read are
// ignored.
type Input struct {
	Now      time.Duration // since the run began; never less than in the input before
	Began    time.Duration // when the job that is done started
	Rand     uint64        // 64 fresh random bits
	MAC      uint64        // the hardware address as a number, for days that it fixes
	Settings *Settings     // in force from this boot on
	Kind     Kind
	Cause    Cause
	Job      Job
	Outcome  Outcome
	Stays    bool    // the device stores what the job has brought without a reboot
	Final    bool    // after this failure nothing is tried again before the next boot
	Wanted   [2]bool // which of the settings' jobs the firmware wants, for those with IfWanted (FV-UP-2)
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
	Drop              // Job is not done any more; to be journalled, and said by Dropped (YL-TRG-5)
)

// Action is one thing that the machine wants done. Actions are carried out in
// order.
type Action struct {
	Due   time.Duration
	Do    Do
	Job   Job
	Cause Cause
}
