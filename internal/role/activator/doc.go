// Package activator is the file server of the gateway's story: it hears from a
// gateway that a phone has a lease and a random number, asks the account server
// whose phone that is, and publishes the phone's files below that number alone.
//
// [Machine] decides and has neither clock nor I/O; [Server] is its HTTP side and
// its disk. The form of events and of the account server's answers is this
// project's own, because only the names of the paths are public.
package activator
