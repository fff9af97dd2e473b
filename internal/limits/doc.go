// Package limits finds out whether a run measured the server or the machine
// that ran it.
//
// Make a [Watch] with [New] and [ThisMachine], tell it each start of a job by
// [Watch.Started], whatever a device does by [Watch.Woke] and each failure for lack
// of something by [Watch.Lacked], call [Watch.Sample] once a second, and ask for the
// [Watch.Validity] in the end.
// [RaiseDescriptors] comes first of all.
//
// # What makes a run invalid
//
// Starts that come later than the schedule says: the load was another one than
// the one that was asked for. A failure for lack of a descriptor, port or memory: the
// server never heard of that device. Memory or processors that were used up: all
// latencies are suspect. What only came close to a limit is a warning.
package limits
