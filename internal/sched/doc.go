// Package sched wakes devices when they want to be woken, in real time or in
// virtual time.
//
// A [Loop] holds one wake-up per device, set by [Loop.Set], and the events that
// arrive from elsewhere. [Loop.Run] hands both to a [Handler] in the order of
// their instants. Which time it is, and how to wait, is the business of its
// [Clock] alone: the same loop runs under [Real] and under [Virtual], and gives
// the same trace where the events are the same.
//
// Wake-ups and events wait in a timing wheel, so that a million of them cost each
// what a thousand do. [Loop.Set] and [Loop.At] allocate nothing once the wheel is
// as large as it gets.
//
// # Instants
//
// An instant is the time since the run began. [Never] is the instant that does
// not come.
//
// # Goroutines
//
// The handler runs in the goroutine that called Run, so what it owns needs no
// lock. [Loop.Post] may be called from any goroutine; all else belongs to the
// handler.
package sched
