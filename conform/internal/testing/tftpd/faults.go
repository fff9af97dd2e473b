package tftpd

import (
	"net"
	"time"

	"provsim/internal/fetch/tftp"
)

// A Request is what a client asks for.
type Request struct {
	Name, Mode string
	Options    []tftp.Option
	// Body is what it gets, in the mode's form, and Block how large the blocks
	// are; both are known once the options are negotiated.
	Body  []byte
	Block int
}

// Faults are what goes wrong. The zero value is a good server.
type Faults struct {
	// Code is sent in place of error 1 for a file that is not there.
	Code tftp.Code

	Request func(*Request)                                  // changes the request
	Open    func(name string) ([]byte, bool)                // has files that are not served
	Agree   func(asked, agreed []tftp.Option) []tftp.Option // changes the answer to options, and what is done
	Answer  func(agreed []tftp.Option) []tftp.Option        // changes the answer to options only
	Send    func(*Request, tftp.Packet) []tftp.Packet       // sends others in place of a packet
	Wire    func(tftp.Packet, []byte) []byte                // changes the bytes of a packet
	Once    func(*Request, tftp.Packet) bool                // does not repeat a packet
	Fatal   func([]byte) bool                               // ends the server over a datagram to its request port
	Window  func(agreed int) int                            // how many blocks it sends, in place of the number agreed upon

	Pace time.Duration // between repetitions, in place of the timeout that the client asked for
	Most int           // transfers at a time; further requests are refused
	Host net.IP        // the address that transfers come from

	DeafToErrors func(*Request) bool // goes on after the client's error

	OnePort    bool // answers from the request port
	Fresh      bool // forgets a client's transfer when a further request of the client comes
	Echo       bool // answers an error, or anything else that is no request, with an error
	Silent     bool // sends no error to other ports than the client's
	Trusting   bool // takes packets from other ports for the client's
	Apprentice bool // answers each acknowledgement, also repeated ones
	Careless   bool // takes each acknowledgement for that of the block that it has sent
	Blind      bool // goes on behind a gap in the window
	Writable   bool // takes files
}

func (f *Faults) host() net.IP {
	if f.Host != nil {
		return f.Host
	}
	return loopback
}
