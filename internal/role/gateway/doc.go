// Package gateway is a gateway's DHCP server: it leases an
// address to each phone, appends a random number to option 66 for the phones
// that a MAC alert names, and tells the Activator of it by an event.
//
// [Machine] decides and has neither clock nor I/O; [Server] is its socket and
// its HTTP client. The settings have the names of the gateway's own command
// line. The form of the event is this project's own, because only its path is
// public.
package gateway
