package device

import (
	"fmt"
	"time"

	"provsim/resync"
)

// EventKind names what happened to a device. Its String is the word of the
// journal.
type EventKind uint8

// The kinds of event, in the order in which a device's day meets them.
const (
	Booted       EventKind = iota // the firmware starts; Cause, Version, Note
	Leased                        // the device has an address, or has lost it; Job, Note
	ResyncDue                     // Cause, Due
	ResyncWait                    // a due job waits for the lines; Job, Cause, Due
	ResyncStart                   // URL, Cause, Due
	ResyncDone                    // URL, Outcome, Bytes, Took, Version, Note
	AppliedFile                   // settings were stored; Version, Note
	SettingSet                    // one known setting has changed; Note
	UpgradeDue                    // Cause, Due
	UpgradeStart                  // URL, Cause, Due
	UpgradeDone                   // URL, Outcome, Bytes, Took, Version, Note
	Rebooting                     // Cause; Took is the time without network
	LineChanged                   // Note
	Warned                        // Note
)

var eventWords = [...]string{
	Booted: "boot", Leased: "lease",
	ResyncDue: "resync.due", ResyncWait: "resync.wait", ResyncStart: "resync.start", ResyncDone: "resync.done",
	AppliedFile: "apply", SettingSet: "setting",
	UpgradeDue: "upgrade.due", UpgradeStart: "upgrade.start", UpgradeDone: "upgrade.done",
	Rebooting: "reboot", LineChanged: "line", Warned: "warn",
}

// String returns the journal's word for the kind.
func (k EventKind) String() string {
	if int(k) < len(eventWords) {
		return eventWords[k]
	}
	return fmt.Sprintf("event(%d)", uint8(k))
}

// MarshalText returns the journal's word for the kind.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a word of the journal.
func (k *EventKind) UnmarshalText(text []byte) error {
	for i, word := range eventWords {
		if word == string(text) {
			*k = EventKind(i)
			return nil
		}
	}
	return fmt.Errorf("event %q is unknown", text)
}

// HasDue reports whether events of the kind say when their job fell due, be it
// at the instant zero.
func (k EventKind) HasDue() bool {
	switch k {
	case ResyncDue, ResyncWait, ResyncStart, UpgradeDue, UpgradeStart:
		return true
	}
	return false
}

// HasTook reports whether events of the kind say how long something took, be
// it no time.
func (k EventKind) HasTook() bool { return k == ResyncDone || k == UpgradeDone || k == Rebooting }

// Event is one thing that happened to a device. Fields that the kind does not
// use are zero. No field ever holds a key or a password.
type Event struct {
	Kind    EventKind
	Job     resync.Job
	Cause   resync.Cause
	Outcome resync.Outcome
	Due     time.Duration // when the job fell due, since the run began
	Took    time.Duration
	Bytes   int64  // of the body that arrived
	Status  int    // of the HTTP answer with which the job failed, or 0
	Tries   int    // how often the request was sent; 0 where the transport repeats nothing
	Local   bool   // the failure was this machine's and tells nothing about the server
	URL     string // expanded, without user and password
	Version string // of the stored configuration, or of the firmware
	Note    string // for people
}
