// Package checkpoint stores a fleet that runs on the wall clock, so that another
// process can continue the run.
//
// A [Writer] takes one frozen device after the other by [Writer.Add] and returns the
// checkpoint by [Writer.Finish]. [Read] checks such bytes and returns a
// [Checkpoint], whose [Checkpoint.Devices] yields the devices again.
//
// # Content is shared
//
// Devices with equal memories share them: a checkpoint holds each text once, such as
// the configuration that all devices have applied, and each memory once. Beside that a
// device takes about fifty bytes.
//
// # What it leaves out
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
// Numbers are varints of encoding/binary. The file around the checkpoint has a digest.
// A body with the right digest that cannot be read is therefore not damaged: another
// program has written it.
package checkpoint
