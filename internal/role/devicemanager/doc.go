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
// Devices, tenants with their templates, and the last acts of each Agent are in the
// database before the phone or the page gets its answer. A keep-alive without news is
// written within a second. Waiting actions and alarms are in memory only: a restart
// forgets them, so that no action is handed over twice.
package devicemanager
