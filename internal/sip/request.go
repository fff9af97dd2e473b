package sip

import (
	"slices"
	"strings"
	"time"
)

// Request is what a NOTIFY asks the phone for (FV-EXT-1).
type Request uint8

const nothing Request = 0

// The requests.
const (
	Resync Request = 1 + iota // look for a new configuration, as if Resync Periodic had run out
	Reboot                    // reboot instead
	Report                    // send a report of the settings; only where the phone knows the event
)

const allow = "Allow: NOTIFY, OPTIONS"

// events are those that some phones know.
var events = []string{"check-sync", "resync", "reboot", "reboot_now", "restart_now", "report"}

// A reply is how a request is answered: a status, fields beside those of every
// answer, what the request asks for, and why it is refused where it is.
type reply struct {
	status  string
	fields  []string
	asked   Request
	refused string
}

// decide says how a request is answered. It checks in the order of RFC 3261 section
// 8.2: the method, the extensions that the sender relies on, then the event, and at
// last who sends it.
func (a *agent) decide(m *message, now time.Time) reply {
	switch {
	case m.method != "NOTIFY" && m.method != "OPTIONS":
		return reply{"405 Method Not Allowed", []string{allow}, nothing, "the phone takes NOTIFY and OPTIONS"}
	case len(m.require) > 0:
		return reply{"420 Bad Extension", []string{"Unsupported: " + strings.Join(m.require, ", ")}, nothing,
			"it has a Require field, and the phone knows no extension"}
	case m.method == "OPTIONS":
		return reply{"200 OK", []string{allow, "Allow-Events: " + a.known()}, nothing, ""}
	}
	asked, known := a.read(m.event)
	if !known {
		return reply{"489 Bad Event", []string{"Allow-Events: " + a.known()}, nothing,
			"its event is " + word(m.event) + ", and the phone knows " + a.known()}
	}
	if asked == nothing {
		return forbidden
	}
	if a.from == nil {
		return reply{"200 OK", nil, asked, ""}
	}
	switch account, takes := a.from(userOf(m.uri)); {
	case !takes:
		return forbidden
	case account == nil || a.shows(m, *account, now):
		return reply{"200 OK", nil, asked, ""}
	case len(m.authorization) == 0:
		return a.unauthorized("it shows no password, and the phone wants the one of the line", now)
	}
	return a.unauthorized("its user, password or nonce is not the right one", now)
}

// forbidden answers what the phone's settings do not allow.
var forbidden = reply{"403 Forbidden", nil, nothing, "the phone's settings do not allow it"}

// known lists the events that the phone knows.
func (a *agent) known() string {
	return strings.Join(slices.DeleteFunc(slices.Clone(events), func(event string) bool {
		_, ok := a.read(event)
		return !ok
	}), ", ")
}

// word returns the name at the beginning of a field's value where it is a short
// token, for a note that holds no other bytes of the sender's.
func word(value string) string {
	const longest = 32
	name, _, _ := strings.Cut(value, ";")
	switch name = strings.Trim(name, blanks); {
	case name == "":
		return "missing"
	case len(name) > longest || !isToken(name):
		return "not a short word"
	}
	return name
}

// readEvent reads the value of an Event field (FV-EXT-1). Parameters that are not
// known have no effect (RFC 3261 section 7.3.1).
func readEvent(value string) (r Request, known bool) {
	parts, ok := split(value, ';')
	if !ok {
		return nothing, false
	}
	switch parts[0] {
	case "resync":
		return Resync, true
	case "check-sync":
		if reboot, _ := param(parts[1:], "reboot"); strings.EqualFold(reboot, "true") {
			return Reboot, true
		}
		return Resync, true
	case "reboot", "reboot_now", "restart_now":
		return Reboot, true
	}
	return nothing, false
}
