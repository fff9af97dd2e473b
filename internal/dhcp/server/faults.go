package server

import "net/netip"

// Faults are what goes wrong. The fields may be combined; the zero value is a
// good server.
type Faults struct {
	// Silent is a server that has stopped: it takes messages and does nothing.
	Silent bool
	// SilentAfterOffer is a server that stops between OFFER and ACK.
	SilentAfterOffer bool
	// Refuse says NAK to every REQUEST.
	Refuse bool
	// Rogue is the identifier of a second server that does not belong on the network. It
	// offers Rogue's own address to every DISCOVER, and refuses every REQUEST,
	// each time after the good server has answered.
	Rogue netip.Addr
}
