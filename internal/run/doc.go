// Package run drives devices: it wakes them on a clock, carries out what they
// ask for, and writes the journal.
//
// Make a [Driver] with [New], switch devices on with [Driver.Tell], and call
// [Driver.Run]. One goroutine runs all devices; a transfer has one of its own
// while it is in flight. The same driver runs one phone, a fleet, and virtual
// time: what differs is the clock and the [Network].
package run
