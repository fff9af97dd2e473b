// Package store keeps the non-volatile memory of devices on disk (FV-BOOT-2).
//
// [Open] a directory, [Dir.Load] what a device had stored when the process began,
// [Dir.Save] it anew after every change, [Dir.Close] in the end. The package does
// not know what the bytes mean. Names are MAC addresses of 12 lower-case hex
// digits, and NAME.state is the file.
//
// A whole fleet's state is one [File] beside them, with [OpenFile] in place of
// Open. What follows holds for both.
//
// # One step
//
// A save is one step: whenever the process ends, by a signal or by a loss of
// power, the file holds all of the old body or all of the new one (FV-CFG-4). When
// Save has returned nil it is the new one. The body is written to a file beside
// it, synced, and renamed; [Open] removes what an earlier process left half done.
//
// # One process
//
// The directory is locked while it is open, because two processes would undo each
// other's changes. The lock ends with the process, however that ends. Saves of
// different names may run at the same time; of one name, the last to finish counts.
//
// # Damage
//
// A file begins with one line, and the body follows it to the end of the file:
//
//	provsim-state 1 LENGTH SHA256
//
// LENGTH is the body's in decimal bytes, SHA256 the body's digest in lower-case
// hex. Load and Save return a [DamagedError] for a file of any other form. They never
// overwrite it, so that a person can look at what is left of a device's settings.
package store
