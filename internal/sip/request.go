package sip

import "strings"

// Request is what a NOTIFY asks the phone for (FV-EXT-1).
type Request uint8

const nothing Request = 0

// The requests.
const (
	Resync Request = 1 + iota // look for a new configuration, as if Resync Periodic had run out
	Reboot                    // reboot instead
)

const (
	allow       = "Allow: NOTIFY, OPTIONS"
	allowEvents = "Allow-Events: check-sync, resync"
)

// verdict returns how a request is answered, with which fields beside those of
// every answer, and what it asks for. It checks in the order of RFC 3261 section
// 8.2: the method, the extensions that the sender relies on, then the event.
func (m *message) verdict() (status string, fields []string, asked Request) {
	switch {
	case m.method != "NOTIFY" && m.method != "OPTIONS":
		return "405 Method Not Allowed", []string{allow}, nothing
	case len(m.require) > 0:
		return "420 Bad Extension", []string{"Unsupported: " + strings.Join(m.require, ", ")}, nothing
	case m.method == "OPTIONS":
		return "200 OK", []string{allow, allowEvents}, nothing
	}
	if asked = readEvent(m.event); asked == nothing {
		return "489 Bad Event", []string{allowEvents}, nothing
	}
	return "200 OK", nil, asked
}

// readEvent reads the value of an Event field. Parameters that are not known
// have no effect (RFC 3261 section 7.3.1).
func readEvent(value string) Request {
	parts, ok := split(value, ';')
	if !ok {
		return nothing
	}
	switch parts[0] {
	case "resync":
		return Resync
	case "check-sync":
		if reboot, _ := param(parts[1:], "reboot"); strings.EqualFold(reboot, "true") {
			return Reboot
		}
		return Resync
	}
	return nothing
}
