package device

import "time"

// WebRequest is a request to a device's own web server.
type WebRequest struct {
	Now     time.Duration // since the run began
	Method  string
	Path    string
	Query   string // what stands behind "?"
	Body    []byte
	Session string  // of the cookie; "" for none
	Login   Account // of Basic authentication; empty for none
}

// WebAnswer is what such a request gets.
type WebAnswer struct {
	Status  int
	Type    string // the Content-Type
	Allow   string // of a 405
	Realm   string // of a 401, for Basic authentication
	Body    []byte
	Session string // for the cookie; "" sets none
	Order   Order  // what the device does then; "" for nothing
	// Ask is what a person has asked the device for: AskResync, AskReboot, or Tick for
	// nothing.
	Ask InputKind
}

// WebState is what a device's web server keeps until the device goes down.
type WebState struct {
	Secret [16]byte // random, of the sessions
	Failed int      // logins that failed, in a row
}

// Order is an order from outside to a device: the vendor's [Personality.Web] has made
// it of a request, or it is a rule in place of the one in the settings. Only the vendor's
// firmware reads it, by [Draft.Order].
type Order string
