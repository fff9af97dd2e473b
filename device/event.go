package device

import (
	"time"

	"provsim/internal/enum"
	"provsim/resync"
)

// EventKind names what happened to a device. Its String is the word of the
// journal.
type EventKind uint8

// The kinds of event, in the order in which a device's day meets them.
const (
	Booted         EventKind = iota // the firmware starts; Cause, Version, Note
	Leased                          // the device has an address, or has lost it; Job, Note
	ResyncDue                       // Cause, Due
	ResyncWait                      // a due job waits for the lines; Job, Cause, Due
	ResyncStart                     // URL, Cause, Due
	ResyncDone                      // URL, Outcome, Bytes, Took, Version, Note
	AppliedFile                     // settings were stored; Version, Note
	SettingSet                      // one known setting has changed; Note
	UpgradeDue                      // Cause, Due
	UpgradeStart                    // URL, Cause, Due
	UpgradeDone                     // URL, Outcome, Bytes, Took, Version, Note
	Rebooting                       // Cause; Took is the time without network
	LineChanged                     // Note
	Warned                          // Note
	KeepAliveStart                  // URL, Cause, Due
	KeepAliveDone                   // URL, Outcome, Bytes, Took, Note
	MessageShown                    // the device shows a text that it was sent; Note
	AlarmRaised                     // Note: the name and the severity
	Transferred                     // one transfer of a job that goes on; Job, URL, Outcome, Bytes, Took, Status, Tries, Method, Class, Expected, Note
)

var eventWords = [...]string{
	Booted: "boot", Leased: "lease",
	ResyncDue: "resync.due", ResyncWait: "resync.wait", ResyncStart: "resync.start", ResyncDone: "resync.done",
	AppliedFile: "apply", SettingSet: "setting",
	UpgradeDue: "upgrade.due", UpgradeStart: "upgrade.start", UpgradeDone: "upgrade.done",
	Rebooting: "reboot", LineChanged: "line", Warned: "warn", Transferred: "transfer",
	KeepAliveStart: "keep-alive.start", KeepAliveDone: "keep-alive.done", MessageShown: "message", AlarmRaised: "alarm",
}

// String returns the journal's word for the kind.
func (k EventKind) String() string { return enum.Word(eventWords[:], "event", k) }

// MarshalText returns the journal's word for the kind.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a word of the journal.
func (k *EventKind) UnmarshalText(text []byte) error {
	return enum.Read(eventWords[:], "event", text, k)
}

// HasDue reports whether events of the kind say when their job fell due, even
// at the instant zero.
func (k EventKind) HasDue() bool {
	switch k {
	case ResyncDue, ResyncWait, ResyncStart, UpgradeDue, UpgradeStart, KeepAliveStart:
		return true
	}
	return false
}

// HasTook reports whether events of the kind say how long something took, be
// it no time.
func (k EventKind) HasTook() bool {
	switch k {
	case ResyncDone, UpgradeDone, KeepAliveDone, Rebooting, Transferred:
		return true
	}
	return false
}

// Event is one thing that happened to a device. Fields that the kind does not
// use are zero. No field ever holds a key or a password.
type Event struct {
	Kind     EventKind
	Job      resync.Job
	Cause    resync.Cause
	Outcome  resync.Outcome
	Due      time.Duration // when the job fell due, since the run began
	Took     time.Duration
	Bytes    int64 // of the body that arrived
	Status   int   // of the HTTP answer with which the job failed, or 0
	Tries    int   // how often the request was sent; 0 where the transport repeats nothing
	Method   Method
	Class    Class
	Expected bool   // the failure is the vendor's normal case
	Local    bool   // the failure was this machine's and tells nothing about the server
	URL      string // expanded, without user and password
	Version  string // of the stored configuration, or of the firmware
	Note     string // for people
}
