// Package egress says where the connections of a fleet come from, where they
// may go, and how many there are at once.
//
// Make a [Dialer], with a [Pool] where devices have addresses of their own, and
// give its methods to the fetchers; call [Pool.Check] and [Dialer.Allowed]
// before the first device wakes. [WithDevice] tells the dialer for which device it
// works. A [Limiter] starts the transfers.
//
// # Public targets
//
// Thousands of phones are a flood to a server that does not expect them. The
// dialer therefore refuses addresses that are not private ([Private]) with an
// error that is [ErrPublic], after the name is looked up and for each connection,
// redirects included, unless the user says that the server is their own.
package egress
