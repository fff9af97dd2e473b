// Package run drives devices: it wakes them on a clock, carries out what they
// ask for, and writes the journal.
//
// Make a [Driver] with [New], switch devices on with [Driver.Tell], or a fleet with
// [Driver.SwitchOn], and call [Driver.Run]. One goroutine runs all devices; a
// transfer has one of its own while it is in flight. The same driver runs one
// phone, a fleet, and virtual time; only the clock and the [Network] differ.
//
// # Networks
//
// [Wire] is the network of real servers. A [VirtualNetwork] models one: it answers
// by [Delivery.After], is woken by [Delivery.Wake], and hears of transfers that
// are given up, all in the exact order of the instants.
//
// # Order
//
// At one instant the driver first handles replies, wake-ups of the network, and what
// [Driver.At] and [Driver.Do] have planned, in the order in which they were asked for.
// Then it wakes devices, in the order of their numbers. So a run in virtual time is the
// same each time.
package run
