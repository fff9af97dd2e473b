package device

import (
	"net/netip"
	"time"

	"provsim/profile"
	"provsim/resync"
)

// InputKind says what an Input tells the device.
type InputKind uint8

// The kinds of input.
const (
	Tick       InputKind = iota // time has passed
	PowerOn                     // power comes back, or the run begins; what is stored says why it boots
	PowerOff                    // power is cut
	GotLease                    // the network gave or renewed Lease (FV-SRC-5); Job and Note are journalled
	LostLease                   // the network took the address away; Job and Note are journalled
	SetLine                     // line number Line, from 1, is now Active or not
	AskResync                   // a request for a resync; Cause is Person or Notify (FV-RS-10, FV-EXT-1)
	AskReboot                   // a person wants a reboot
	AskReset                    // a person wants a factory reset (FV-BOOT-3)
	Configure                   // a person saves Config, Certificates or both on the web page (FV-RS-12)
	Install                     // a person uploads Reply.Body as firmware on the web page; it is judged as if fetched
	GotReply                    // the transfer numbered Transfer brought Reply
	AskReport                   // a request for one report of the device's settings; Cause as for AskResync
	AskOrder                    // an order from outside to a device that is [Device.Free]: Note, in the form of the vendor's [Personality.Web]
	AskUpgrade                  // a request for an upgrade; Cause as for AskResync
	Remark                      // a warning about the device for its journal: Job and Note; it needs no power
)

// Input is one thing that happens to a device. Fields that its kind does not
// read are ignored.
type Input struct {
	Now      time.Duration // since the run began; never less than in the input before
	Kind     InputKind
	Active   bool
	Cause    resync.Cause
	Job      resync.Job
	Line     int
	Transfer uint32
	Lease    Lease
	Reply    *Reply
	Config   profile.Config
	// Certificates take the place of those that are stored; nil leaves them.
	Certificates *Certificates
	Note         string
	Rule         string // of AskResync and AskUpgrade: in place of the one in the settings, this once; "": that one
}

// Lines is how many lines a device has (FV-SET-4).
const Lines = profile.Lines

// Do says what an Effect asks of the caller.
type Do uint8

// The effects of a step.
const (
	Journal   Do = iota // write Event into the journal
	AskLease            // get a lease, and say so by GotLease; Ask says whether it is the first one after a boot
	AskMore             // ask for options beside the lease, and say so by GotLease
	DropLease           // forget the lease, the device is down
	Fetch               // carry out Request, and say by GotReply how Transfer ended
	Cancel              // give up Transfer; its reply is ignored
	Save                // keep Stored in non-volatile memory, before any later effect
	Obey                // tell the device AskOrder with the Note of Event, as soon as it is [Device.Free]
)

// Effect is one thing that a device wants done.
type Effect struct {
	Do       Do
	Ask      NetworkAsk // of an AskLease
	Job      resync.Job // of a Fetch
	Transfer uint32
	Seq      uint32 // the number of a Journal effect among the device's, from 1
	Event    Event
	Request  *Request
	Stored   *Stored
}

// Status is what a device does or waits for, for people to look at.
type Status struct {
	resync.Status
	Identity   Identity // as it is now, with the software that runs
	Addr       netip.Addr
	RebootEnds time.Duration // the instant at which the reboot ends; Never unless one is under way
	Lines      [Lines]bool   // which are active
	Provision  bool          // Provision Enable is on, as far as the firmware runs
	Stored     *Stored
}

// Doing says in words what the device does.
func (s *Status) Doing() string {
	switch {
	case s.RebootEnds != resync.Never:
		return "rebooting"
	case !s.On:
		return "off"
	case s.Storing:
		return s.Running.String() + " has ended, and waits for the end of the call"
	case s.Running != resync.NoJob:
		return s.Running.String() + " under way"
	case s.InCall:
		return "in a call"
	case !s.Online:
		return "waiting for an address"
	}
	return "idle"
}
