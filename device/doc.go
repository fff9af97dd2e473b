// Package device is one simulated phone: its identity, its memory, and what its
// firmware does when something happens. It is pure: no clock, no I/O.
//
// Three values say what devices have in common. A [Personality] is a vendor's
// firmware: its parameters, its defaults and its code. A [Product] is one of the
// vendor's products: its name, its hardware and the version that it ships with. A
// [Model] is how a run uses a personality: seed, limits, time-outs and quirks.
//
// [New] makes a device. A caller tells the device what happened by [Device.Step], carries out
// the effects that Step appends, and calls Step again not later than
// [Device.Deadline]:
//
//	d := device.New(model, id, stored)
//	fx = d.Step(&device.Input{Kind: device.PowerOn}, fx[:0])
//
// A fleet keeps its devices by value in one slice, and makes them in place by
// [Device.Init]. A [Memo] in the model lets them share results, such as parsed files.
//
// # Jobs
//
// A job, such as a resync, is a conversation with servers. [Firmware] says by Next
// what it asks for and what follows from each reply, and by Commit what is stored.
// [Device.Talk] plays one job without timers, for previews, checks and tests.
//
// # Effects
//
// The caller carries out effects in their order: the memory of a [Save] is on disk
// before the caller journals the reboot that follows it. Every input and every decision
// appears as a [Journal] effect, so no other package writes a log.
//
// # Memory
//
// [Stored] is the device's non-volatile memory. A device replaces it as a
// whole and never changes it in place, so devices may share one, and a caller
// may keep an old one.
package device
