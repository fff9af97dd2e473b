// Package server is a small DHCP server for labs and tests: it leases
// addresses out of memory to clients behind relay agents, with the options that
// phones are provisioned by.
//
// [Start] opens its socket, on loopback and a free port unless told otherwise,
// and [Server.Close] ends it. [Server.SetFaults] has it go wrong at any time.
//
// # What it answers
//
// DISCOVER, REQUEST in all its four forms (RFC 2131 section 4.3.2), DECLINE and
// RELEASE, if they come through a relay agent: a server without privileges cannot
// reach a client that has no address yet. It does not answer when the pool has no free
// address. It answers to the agent's address on
// [Config.RelayPort], or on the agent's own port where that names one (RFC 8357).
package server
