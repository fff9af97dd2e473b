package device

import (
	"time"

	"provsim/resync"
)

// Move is what a job does next: it asks for something, or it ends.
type Move struct {
	Request *Request // the request to send, or the one that was refused; nil: none
	URL     string   // of Request
	Stage   uint8    // kept in the device until the job ends; the firmware gives it its meaning
	Draft   *Draft   // what the job has brought so far; kept in the same way

	// Wait is how long the job pauses where Request is nil and it goes on, such as
	// between two tries. Next is then called without a reply.
	Wait time.Duration
	// Ask is what the network is asked for meanwhile. Where it answers the pause is over.
	Ask NetworkAsk

	// About the reply that the move follows from, where the job goes on.
	Expected  bool   // its failure is the vendor's normal case, such as the miss of a file that few phones have
	ReplyNote string // for the journal; empty: the reply's own
	// Fault is what the firmware finds wrong with a file that came whole, such as
	// resync.Corrupt; None: nothing.
	Fault resync.Outcome

	Ending // how the job has ended, where Outcome is not None
}

// NetworkAsk is what a job asks the network for.
type NetworkAsk uint8

// Requests of a job to the network. The lease of the answer takes the place of the one
// before, even with [Personality.LeaseAtBoot].
const (
	AskNothing NetworkAsk = iota
	AskAgain              // another lease, as the application of a device whose loader has one
	AskOptions            // options beside the lease, by DHCPINFORM
)

// Ending is the result of a job.
type Ending struct {
	Outcome resync.Outcome
	Version string  // of the file or image
	Note    string  // for the journal
	Events  []Event // warnings about the file
	After   After   // what follows where the outcome is Applied
	// Keep stores the draft although the outcome is not Applied: what the job brought
	// before a failure stays. After counts then, except that a reboot becomes a reload.
	Keep  bool
	Final bool // after this failure nothing is tried again before the next boot
	Then  Then // what the device does then
}

// After says what follows once the device has stored what a job has brought.
type After uint8

// The kinds of After.
const (
	Reboot After = iota // a reboot, when the lines are idle (FV-RS-11)
	Reload              // the new settings are in force at once
	Remain              // nothing yet: the new settings are used from the next boot on
)

// Then says what the device does once a job has ended, such as what the answer to a
// keep-alive asks for.
type Then uint8

// What a device may do then.
const (
	ThenNothing Then = iota
	ThenResync
	ThenUpgrade
	ThenReboot
	ThenKeepAlive
	ThenReset // a factory reset
)

// Draft holds the files that a job has brought and not stored yet, the latest first. Devices
// share it (see [Memo.Draft]), so nothing changes it.
type Draft struct {
	Before *Draft
	File   *File // nil: an image

	Software, URL string // of an image
}

// ordered returns the draft with which a job begins that does an order.
func ordered(o Order) *Draft { return &Draft{File: &File{More: o, Aside: true}} }

// Order returns the order from outside that the job of a draft carries out; "" where
// the job is for nothing in particular.
func (d *Draft) Order() (o Order) {
	for ; d != nil; d = d.Before {
		if d.Before == nil && d.File != nil {
			o, _ = d.File.More.(Order)
		}
	}
	return o
}
