// Package sip answers the SIP NOTIFY by which an exchange asks a phone to look
// for a new configuration or to reboot (FV-EXT-1).
//
// Open a UDP socket and call [Serve]. It answers what arrives, and hands each
// [Request] on:
//
//	conn, err := net.ListenPacket("udp", "192.0.2.10:5060")
//	…
//	err = sip.Serve(ctx, conn, sip.Handlers{Act: func(r sip.Request) { … }})
//
// # What is answered
//
//	NOTIFY, Event: resync                    200, and [Resync]
//	NOTIFY, Event: check-sync                200, and [Resync]
//	NOTIFY, Event: check-sync;reboot=true    200, and [Reboot]
//	NOTIFY, Event: reboot, reboot_now,
//	restart_now                              200, and [Reboot], as phones of the parent family do
//	NOTIFY that shows no account             401 with a Digest challenge, where the phone wants one
//	NOTIFY, any other event or none          489 with Allow-Events (RFC 6665 section 8.3.2)
//	OPTIONS                                  200 with Allow and Allow-Events
//	any of these with a Require field        420, no extension is known
//	ACK, a response, what is malformed       nothing
//	any other method                         405 with Allow
//
// These are the events of FV-EXT-1; [Handlers].Read knows those of another vendor.
// No subscription comes before such a NOTIFY, and the Request-URI may be
// anything. Where [Handlers].From is not set no password is asked for: listen where
// only the exchange can reach the phone.
//
// The answer goes to the address that the request came from, to the port that
// RFC 3261 section 18.2.2 and RFC 3581 section 4 say. The Via parameter maddr
// has no effect: it would let any sender choose who gets the answer.
//
// # Case
//
// Methods and event names count byte by byte (RFC 3261 section 7.1, RFC 6665
// section 8.2.1), names of fields and parameters and the value true in any case
// (RFC 3261 section 7.3.1).
//
// # The parser
//
// It is the package's own, because github.com/emiago/sipgo (v1.7.2) brings five
// modules, a WebSocket among them, for two functions, and writes fields anew
// that RFC 3261 section 8.2.6.2 wants back as they came, which loses a Via
// with blanks around its slashes and the escapes in a display name.
package sip
