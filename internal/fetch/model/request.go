package model

import (
	"time"

	"provsim/device"
	"provsim/resync"
)

// A Request is one transfer of one device. All calls of [Server.Arrive] for the
// transfer get the same fields, except for Progress.
type Request struct {
	Device uint32 // its number in the run, for draws
	Cycle  uint32 // the number of this transfer among the device's own, for draws
	// Source is the number of the address that the server sees, counted from 0
	// without large gaps; devices behind one NAT have the same.
	Source uint32
	Class  device.Class // ImageClass takes [HTTP].Upgrade, the others take [HTTP].Resync
	// Answer is what the server has to say: None for the file, else a failure such
	// as NotFound, which takes the place of the file. Redirects and challenges are
	// not modelled.
	Answer resync.Outcome
	Scheme string // "tftp", "https", or anything else for http

	Size int64 // of the file, or of the upload, in bytes, 0 to 1 TiB; cut there
	// Timeout of the whole transfer; 0 or less stands for the 60 s of FV-NET-1.
	Timeout time.Duration

	BlockSize int // TFTP: bytes a block; 0 or less is 512 (RFC 1350)
	Window    int // TFTP: blocks an acknowledgement (RFC 7440); 0 or less is 1

	// Path is the device's way to the server; nil is one without faults. The
	// transfers of a site may share it.
	Path *Path
	// Progress is zero in the first call, and then what the last one has left in it.
	Progress Progress
}

// A Path is what the network between one device and the server does, beside
// [Config].RoundTrip. A link that several devices share is not modelled: give
// each its part of the rate.
type Path struct {
	// Loss is the probability with which any one packet is lost, in either
	// direction, 0 to 1.
	Loss float64 `yaml:"loss,omitempty" json:"loss,omitempty"`
	// Delay is added to each round trip, half of it each way; 0 to 1 minute.
	Delay time.Duration `yaml:"delay,omitempty" json:"delay,omitempty"`
	// Rate of the device's link in bytes per second; 0 is no limit.
	Rate int64 `yaml:"rate,omitempty" json:"rate,omitempty"`
}

// Progress is where a transfer stands between two calls of [Server.Arrive]. It
// is the model's business; callers keep it.
type Progress struct {
	begun     time.Duration // when the device sent its first packet
	first     time.Duration // TFTP: when the first answer reaches the device; 0: no answer is on its way
	last      time.Duration // TFTP: and when the end of the file does
	unlimited time.Duration // TFTP: what first would be if no buffer were ever full
	tries     uint8         // packets sent to open the transfer
	placed    bool          // the latest of them has travelled and is at the server now
}

// A Result is what becomes of a transfer.
type Result struct {
	// After is how long from now it happens. If Done, the device then has its
	// answer or gives up. Else Arrive is to be called then, with the request as it
	// is now, and the other fields are zero.
	After time.Duration
	Bytes int64 // of the file that arrived
	Done  bool
	// Outcome is None where the whole file arrived.
	Outcome resync.Outcome
	Why     Reason // what went wrong, where that is not the caller's Answer
	Status  uint16 // the HTTP status of an overloaded, banning or failing server; else 0
	Tries   uint8  // TFTP: read requests sent, as in device.Reply
}
