package device

import (
	"time"

	"provsim/encrypt"
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
	Products   []Generation
	OUIs       []OUI // the address blocks of the vendor's phones
	Serial     func(MAC) string
	Software   func(product string) string // the version that a product is delivered with; nil: that of Shipped
	Parameters profile.Table               // the known settings
	Quirks     []Quirk
	Secrets    []string // the names of what only users can know, such as a key that is the firmware's own

	// Check says whether a known setting takes a value, in the grammar that the
	// quirks choose.
	Check func(Quirks, profile.Parameter, string) error

	// Parse reads a configuration file that is not encrypted. The error is
	// profile.ErrEmpty or profile.ErrCorrupt.
	Parse func(body []byte) (profile.Config, error)
	Looks Looks // how the vendor's configuration files begin
	// Lint says what is wrong with a configuration file that a person has written.
	// File is its name for the findings.
	Lint func(file string, body []byte, known profile.Table) []profile.Finding

	// Cipher returns that of the encrypted files which the phones read; nil: they read
	// none. Where it is not the vendor's own, its Doc says so.
	Cipher func() encrypt.Cipher

	// Macros returns how texts are expanded, Vars the values for one device.
	Macros func(Quirks) macro.Syntax
	Vars   func(Identity, Lease) macro.Vars

	// Agent returns the User-Agent of HTTP requests (FV-HTTP-1). The identity has a
	// serial number only where the firmware's requests say what product they are of.
	Agent func(Identity) string
	// Headers are further lines of HTTP requests, after the User-Agent, such as
	// "Accept: */*".
	Headers []string
	// ExpectAbove is the size from which on an upload says Expect: 100-continue, in
	// bytes; 0: none does. The body follows without a wait for the answer.
	ExpectAbove int

	// KeepsConnection says that requests with one User-Agent to one server share a
	// connection, where the server keeps it open.
	KeepsConnection bool

	// DHCP returns what a device says to DHCP servers; nil: nothing, and it asks for
	// nothing in particular.
	DHCP func(Identity) DHCPIdentity
	// Subject is the name in the client certificates that the vendor's phones are
	// delivered with: attributes with macros of [Vars]; empty: CN=$MAU,OU=$PN.
	Subject string
	// SerialStart begins the serial number of these certificates, before the bytes of
	// the device's address; nil: the number is random.
	SerialStart []byte
	// CertificateYears is how long these certificates count, in years of 365 days; 0: 10.
	CertificateYears int
	// Servers are the DHCP options that name where the configuration is, in the order
	// in which they count. A device reads no others for that.
	Servers []uint8
	// LeaseAtBoot says that the options of the first lease after a boot count until the
	// next boot, whatever a renewed lease has.
	LeaseAtBoot bool
	// LeaseLost is what a device does when the network takes its address away:
	// ThenNothing, it asks for another one, or ThenReboot.
	LeaseLost Then

	// Shorthands are the options of commands, scenarios and targets that stand for
	// settings of this vendor, in the order in which they are applied.
	Shorthands []Shorthand
	// RandomDelay is the setting for the most that phones wait at boot to spread
	// themselves, in units of RandomDelayUnit; "" where the vendor has none.
	RandomDelay     string
	RandomDelayUnit time.Duration
	// Period is what stands for a time between two resyncs, given in whole seconds; nil:
	// the vendor's phones have times of day only.
	Period []Setting
	// TakesImage says that the web page of a device takes a firmware image (FV-UP-6).
	TakesImage bool
	// Image returns a firmware image that devices of a product take.
	Image func(product, version string, body []byte) []byte

	// Tree is what a good server has for the vendor's phones; nil: it is not known, and
	// only real servers can answer these phones.
	Tree *Tree

	// Explain says what a rule means, part by part, for a device with a lease. What a
	// rule that does not parse has wrong is a *rule.Error. Nil: the vendor has no rules.
	Explain func(m *Model, id Identity, lease Lease, text string, upgrade bool) ([]Part, error)

	// Notify reads the event of a SIP NOTIFY: what it asks a device with some settings
	// for, or Tick where the settings forbid it. It reports false for an event that the
	// vendor's phones do not know. Nil: they know none beside check-sync and resync.
	Notify func(config profile.Config, event string) (InputKind, bool)

	// Web answers a request to the web server that a device itself has, while it has an
	// address. Nil: the vendor's phones have none that is emulated.
	Web func(*Device, *WebState, *WebRequest) WebAnswer

	// Saves puts what a person saves on the web page into the stored settings, and
	// returns the order that follows; "" for none. Nil: it takes the place of what is
	// stored, and no order follows.
	Saves func(stored, saved profile.Config) (profile.Config, Order)

	// NotifyFrom says who a NOTIFY to a user of the device must come from: an account
	// whose password the sender shows, or nil for anybody. It reports false where the
	// settings forbid it. Nil: anybody may send one.
	NotifyFrom func(d *Device, user string) (account *Account, takes bool)

	// Paths are those of the phone's own web server that ask the device for something.
	// What stands behind "?" is a rule in place of the one in the settings.
	Paths map[string]InputKind

	// Syslog returns the message that the phone itself sends about an event, and the
	// server that it goes to; both empty where it sends none. Nil: it never does.
	Syslog func(*Device, *Event) (server, text string)

	// Boot reads the stored settings as the firmware does when it starts. What
	// it returns is in force until the next boot (FV-RS-12).
	Boot func(*Model, profile.Config) Firmware
	// BootProduct takes the place of Boot where the timers depend on the product.
	BootProduct func(m *Model, product string, config profile.Config) Firmware
}

// An Account is a user and a password.
type Account struct{ User, Password string }

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
	// Wanted reports whether the device has something to do in a job: for an
	// upgrade, whether the rule names a URL that was not done yet (FV-UP-2).
	Wanted(d *Device, job resync.Job) bool
	// Next says what a job does next: what it asks for first where the reply is nil,
	// and then what follows from the reply to the latest request. The job has ended
	// where the move has an outcome. A move is valid until the next call.
	Next(d *Device, job resync.Job, r *Reply) *Move
	// Commit returns the memory with what a job has brought, and what the journal
	// says about it. Where a reboot follows it is called when the lines are idle
	// (FV-RS-11), else at once.
	Commit(*Draft, Stored) (Stored, []Event)
}
