// Package device is one simulated phone: who it is, what it has stored, and
// what its firmware does with what happens to it. It is pure: no clock, no I/O.
//
// A [Model] says what many devices have in common, above all their
// [Personality], which is a vendor's firmware as a value. [New] makes a device
// of it. A caller tells the device what happened by [Device.Step], carries out
// the effects that Step appends, and calls Step again not later than
// [Device.Deadline]:
//
//	d := device.New(model, id, stored)
//	fx = d.Step(device.Input{Kind: device.PowerOn}, fx[:0])
//
// A fleet keeps its devices by value in one slice, and makes them where they are
// by [Device.Init]. A [Memo] in the model lets them share what they have worked
// out.
//
// # Effects
//
// Effects are carried out in order: what a [Save] holds is on disk before the
// reboot that follows it is journalled. Every input and every decision shows as
// a [Journal] effect, so nobody else needs to write a log.
//
// # Memory
//
// [Stored] is the device's non-volatile memory. A device replaces it as a
// whole and never changes it in place, so devices may share one, and a caller
// may keep an old one.
package device
