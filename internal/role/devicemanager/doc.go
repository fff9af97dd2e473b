// Package devicemanager is what AudioCodes phones and a Device Manager's Agent
// see of a Device Manager: files, keep-alives, alarms, and the five actions
// (DM-*).
//
// A [Machine] decides: it has no clock, no I/O and no goroutine, and answers one
// message at a time. A [Server] is the edge: HTTP, the folder of firmware images,
// the requests to phones, and the database.
//
// # What is kept
//
// Devices, tenants with their templates, and what each Agent did last are in the
// database before the phone or the page has its answer. A keep-alive that brings
// nothing new is written within a second. Actions that wait, and alarms, are in
// memory only: a restart forgets them, and never hands an action over twice.
package devicemanager
