// Package resync decides when a phone asks its server again and what follows
// from the answer. It is the timer half of the firmware: no clock, no I/O, no
// randomness of its own. [Settings] say which two jobs a phone has, and when each
// is due, as data.
//
// A caller holds a [Machine], tells it what happened by [Machine.Step], carries
// out the actions that Step appends, and calls Step again with a [Tick] not
// later than [Machine.Deadline]:
//
//	acts = m.Step(&resync.Input{Kind: resync.Boot, Settings: &set, Cause: resync.PowerOn}, acts[:0])
//	acts = m.Step(&resync.Input{Kind: resync.Online, Now: now, Rand: rand}, acts[:0])
//	wake := m.Deadline()
//
// # Time
//
// Instants are durations since the run began. A tick that comes early, late or
// twice does no harm: what a deadline stood for is looked up, not assumed.
//
// # Jobs
//
// One job runs at a time, and a resync goes before an upgrade (FV-RS-9,
// FV-UP-1). [Start] says which to run; its outcome comes back as [Done]. Where
// the outcome is [Applied] the machine answers with [Commit] and [Restart] as
// soon as no line is active (FV-RS-11), and then waits for the next [Boot].
package resync
