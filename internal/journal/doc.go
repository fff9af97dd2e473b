// Package journal is the record of what happens to devices. The runner writes it;
// screens, reports, metrics and verdicts read it.
//
// A [Sink] takes each [Record] as it is made: [JSON] writes it as a line for
// programs, [Text] as a line for people, [Memory] keeps it, and [Tee] gives it to
// several. [Read] reads what JSON wrote.
//
// # JSON lines
//
// A record is one object on a line of its own, its members in this order:
//
//	t        seconds since the run began
//	wall     the wall clock, RFC 3339 in UTC; absent in virtual time
//	device   the MAC address, 12 hex digits
//	seq      the number of the record among its device's
//	event    what happened, a word of [device.EventKind]
//	due      when it was due, in seconds since the run began
//	took     how long it took, in seconds
//	outcome  a word of FV-OUT-1
//	url      what was asked for, expanded, without user and password
//	bytes    how much of it arrived
//	status   the HTTP status with which it failed
//	tries    how often the request was sent, where the transport repeats it
//	local    true where the failure was this machine's, not the server's
//	method   of a transfer: read, write or post
//	class    what a transfer was for: config, image, aux, log or status
//	expected true where the failure of a transfer is the vendor's normal case
//	job      resync, upgrade or keep-alive; dhcp for a lease
//	cause    why, a word of [resync.Cause]
//	version  of the configuration or the firmware
//	note     for people
//
// From due on, a member that is zero is absent, because it does not apply. Only events
// that always have a due time or a duration keep a zero there. Seconds are decimal
// numbers, exact to the nanosecond. Equal records give equal bytes.
//
// # Hostile texts
//
// URL, version and note may hold what a server sent. A line stays one line: JSON
// escapes control characters and writes U+FFFD for each byte that is not UTF-8, and
// Text quotes control sequences of terminals.
package journal
