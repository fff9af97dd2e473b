// Package sched wakes devices when they want to be woken, in real time or in
// virtual time.
//
// A [Loop] holds one wake-up per device, set by [Loop.Set], and the events that
// arrive from elsewhere. [Loop.Run] hands both to a [Handler] in the order of
// their instants. Only its [Clock] knows the time and how to wait: the same loop runs
// under [Real] and under [Virtual], and the same events give the same trace.
//
// Wake-ups and events wait in a timing wheel, so that the cost of each does not grow
// with their number. [Loop.Set] and [Loop.At] allocate nothing once the wheel has its
// final size.
//
// # Instants
//
// An instant is the time since the run began. [Never] is later than all instants.
//
// # Goroutines
//
// The handler runs in the goroutine that called Run, so what it owns needs no
// lock. [Loop.Post] may be called from any goroutine; all else belongs to the
// handler.
package sched
