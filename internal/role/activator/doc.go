// Package activator is the file server beside a gateway: the gateway reports that a phone
// has a lease and a random number, the Activator asks the account server for the phone's
// account, and publishes the phone's files below that number only.
//
// [Machine] decides and has neither clock nor I/O; [Server] is its HTTP side and
// its disk. The form of events and of the account server's answers is this
// project's own, because only the names of the paths are public.
package activator
