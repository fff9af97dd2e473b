package device

import (
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// Personality is one vendor's firmware as a value. Data comes first, functions
// say what data cannot.
type Personality struct {
	Name    string   // as users type it, such as "flyingvoice"
	Vendor  string   // as people write it
	Sources []string // where the behaviour is written down

	Shipped    Identity // product and versions that a device has unless told otherwise
	Serial     func(MAC) string
	Parameters profile.Table // the known settings
	Quirks     []Quirk

	// Check says whether a known setting takes a value, in the grammar that the
	// quirks choose.
	Check func(Quirks, profile.Parameter, string) error

	// Macros returns how texts are expanded, Vars the values for one device.
	Macros func(Quirks) macro.Syntax
	Vars   func(Identity, Lease) macro.Vars

	// Agent returns the User-Agent of HTTP requests (FV-HTTP-1). The serial number
	// is left out of the identity.
	Agent func(Identity) string

	// Boot reads the stored settings as the firmware does when it starts. What
	// it returns is in force until the next boot (FV-RS-12).
	Boot func(*Model, profile.Config) Firmware
}

// Firmware is a vendor's code as it runs between two boots. It holds no state
// of a device, so devices with equal settings share one where the model has a
// [Memo]. It may hold room for its work, and so belongs to one goroutine.
type Firmware interface {
	// Config returns the settings that it was booted with.
	Config() profile.Config
	// Timers returns the settings of the resync machine.
	Timers() *resync.Settings
	// Warnings returns what is wrong with the stored settings, for the journal.
	Warnings() []string
	// UpgradeWanted reports whether the device has an upgrade to do (FV-UP-2).
	UpgradeWanted(*Device) bool
	// Request says what to fetch for a job, and its URL. Where nothing can or need
	// be fetched the verdict's outcome is set, and the request is that which was
	// refused, or nil. Request and verdict are valid until the next call.
	Request(*Device, resync.Job) (req *Request, url string, v *Verdict)
	// Judge says what a reply comes to. The verdict is valid until the next call.
	Judge(*Device, resync.Job, *Reply) *Verdict
}

// Verdict is what a job has come to.
type Verdict struct {
	Outcome resync.Outcome
	Version string // of the file or image
	Note    string
	Events  []Event // warnings about the file
	// Commit returns the memory with what the job brought, and what to say about
	// it. It is set where the outcome is Applied, and called when the lines are
	// idle (FV-RS-11).
	Commit func(Stored) (Stored, []Event)
}
