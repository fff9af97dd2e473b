// Package limits finds out whether a run measured the server or the machine
// that ran it.
//
// Call [RaiseDescriptors] first. Make a [Watch] with [New] and [ThisMachine]. Report to
// it each start of a job by [Watch.Started], each step of a device by [Watch.Woke], and
// each failure for lack of a resource by [Watch.Lacked]. Call [Watch.Sample] once a
// second, and [Watch.Validity] at the end.
//
// # What makes a run invalid
//
// Starts that come later than the schedule says: the load was not the one that the
// scenario asks for. A failure for lack of a descriptor, port or memory: that request
// never reached the server. Memory or processors that were used up: all latencies are
// suspect. A run that only came close to a limit gets a warning.
package limits
