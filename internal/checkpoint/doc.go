// Package checkpoint is the form in which a fleet that runs on the wall clock is
// kept, so that another process can go on with it.
//
// A [Writer] takes one frozen device after the other by [Writer.Add] and gives the
// whole by [Writer.Finish]. [Read] checks what was kept and returns a
// [Checkpoint], whose [Checkpoint.Devices] yields the devices again.
//
// # Content is shared
//
// Devices that have equal memories share them: a text, such as the configuration
// that all of a fleet have applied, is there once, and so is the memory that is
// made of it. A device is some fifty bytes beside that.
//
// # What is not in it
//
// A checkpoint has no certificates, because they hold private keys: the caller adds
// them again. A transfer that was in flight begins again.
//
// # Form
//
//	a line of JSON: the Head
//	the number of texts; of each its length and its bytes
//	the number of memories; of each the numbers of its texts, and its cause
//	of each device: a row
//	the length of the tally's counts, and these
//
// Numbers are varints of encoding/binary. The file around it has a digest, so a
// body that cannot be read is not damaged but foreign.
package checkpoint
