package dhcp

import (
	"net/netip"
	"time"

	"provsim/device"
	"provsim/resync"
)

// Never is the deadline of a machine without a timer, and the
// duration of a lease that does not end.
const Never = resync.Never

// Kind says what an Input tells the machine.
type Kind uint8

// The kinds of input.
const (
	Tick     Kind = iota // time has passed
	Start                // the device boots and wants an address; MAC and Delay are read
	Again                // the application of a device that has booted wants an address of its own, at once; of an [Agent]
	Inform               // the device wants options beside its lease; of an [Agent]
	Receive              // Reply has come
	Conflict             // somebody else uses the leased address
	Leave                // the device is shut down and gives its lease back
	PowerOff             // the device stops without a word, until the next Start
)

// Input is one thing that happened. Fields that its kind does not read are
// ignored. Rand is read by every kind.
type Input struct {
	Now   time.Duration // since the run began; never less than in the input before
	Rand  uint64        // 64 fresh random bits
	Kind  Kind
	MAC   device.MAC
	Delay time.Duration // the longest random time before the first DISCOVER; 0: none
	Reply *Reply        // not changed afterwards
}

// Do says what an Action asks of the caller.
type Do uint8

// The actions of a machine.
const (
	Send Do = iota // put Message on the wire
	Use            // the device has the lease of Reply, new or renewed
	Told           // a server has answered a DHCPINFORM by Reply
	Lose           // the device must not use Addr any more, at once, because of Why
	Note           // Why is to be journalled
	Drop           // Reply was not used because of Why; to be counted
)

// Why is the reason for an Action.
type Why uint8

// The reasons.
const (
	NoReason   Why = iota
	Silence        // no answer to any transmission; the client begins again
	Refused        // the server says NAK
	Expired        // the lease has ended and no server has renewed it
	Conflicted     // somebody else uses the address
	Rival          // the reply is of a server that was not chosen
	Incomplete     // the reply lacks what RFC 2131 table 3 demands
	Late           // the reply answers nothing that was asked, or not any more
	Unsent         // the wire did not take a message (Action.Err)
)

// Action is one thing that the machine wants done. Actions are carried out in
// order.
type Action struct {
	Do      Do
	Why     Why
	State   State         // in which this happened
	Message Message       // of Send
	Reply   *Reply        // that caused it, where one did
	Server  netip.Addr    // that was chosen, if one was
	Addr    netip.Addr    // that is asked for or leased, if one is
	Began   time.Duration // when the first message of the acquisition or renewal was sent
	Err     error         // of Unsent
}
