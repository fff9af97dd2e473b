package dhcp

import (
	"fmt"
	"net/netip"

	"provsim/device"
)

// Type is the type of a message, with its number in option 53 (RFC 2132
// section 9.6).
type Type uint8

// The types of message that a client sends or takes.
const (
	Discover Type = iota + 1
	Offer
	Request
	Decline
	Ack
	Nak
	Release
	Informing
)

var typeWords = [...]string{
	Discover: "DISCOVER", Offer: "OFFER", Request: "REQUEST", Decline: "DECLINE", Ack: "ACK", Nak: "NAK", Release: "RELEASE", Informing: "INFORM",
}

// String returns the name that RFC 2131 gives the type, without its "DHCP".
func (t Type) String() string {
	if t > 0 && int(t) < len(typeWords) {
		return typeWords[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Message is what changes from one message of a client to the next; the rest
// is in [Client]. Addresses that a message does not carry are the zero Addr
// (RFC 2131 table 5).
type Message struct {
	Type      Type
	Broadcast bool   // the flag: the client cannot take unicasts yet
	Secs      uint16 // seconds since the acquisition or renewal began
	XID       uint32
	Addr      netip.Addr // ciaddr: the client's own, which it may use
	Requested netip.Addr // option 50
	Server    netip.Addr // option 54: the one server that is meant
	To        netip.Addr // where it goes; the zero Addr is a broadcast
}

// Reply is what a server says.
type Reply struct {
	Type   Type
	XID    uint32
	MAC    device.MAC // chaddr: the client that is meant
	Server netip.Addr // option 54; the zero Addr where it is missing
	Text   string     // option 56: why a NAK says no
	Lease  Lease      // of an OFFER and an ACK

	hop device.MAC // the neighbour that delivered it, where the wire knows it
}

// complete reports whether the reply has what RFC 2131 table 3 demands of an
// OFFER and an ACK: an address, a server identifier and a lease time.
func (r *Reply) complete() bool {
	return r.Server.IsValid() && r.Lease.Addr.IsValid() && r.Lease.Duration > 0
}
