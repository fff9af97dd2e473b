package resync

import "provsim/internal/enum"

// Job is a transfer that the machine starts and waits for. A device runs one
// at a time (FV-RS-9).
type Job uint8

// The jobs of a device.
const (
	NoJob     Job = iota
	Resync        // fetch the configuration
	Upgrade       // fetch the firmware
	DHCP          // get an address; it is another machine's, and here for the journal's sake
	KeepAlive     // tell the server that the device is alive
)

var jobWords = [...]string{NoJob: "", Resync: "resync", Upgrade: "upgrade", DHCP: "dhcp", KeepAlive: "keep-alive"}

// String returns the word that the journal uses.
func (j Job) String() string { return enum.Word(jobWords[:], "job", j) }

// MarshalText returns the word that the journal uses.
func (j Job) MarshalText() ([]byte, error) { return []byte(j.String()), nil }

// UnmarshalText reads a word that String returns.
func (j *Job) UnmarshalText(text []byte) error {
	return enum.Read(jobWords[:], "job", text, j)
}

// Cause says why a device boots, or why a job fell due.
type Cause uint8

// The causes of a boot (FV-RS-2) and the triggers of a job (FV-RS-5, FV-RS-9).
const (
	NoCause      Cause = iota
	PowerOn            // boot: power came back
	Person             // boot or resync: somebody asked for it, on the web page or by a command
	FactoryReset       // boot: all settings are back to their defaults (FV-BOOT-3)
	Config             // boot: a configuration was applied (FV-CFG-6)
	Firmware           // boot or resync: an upgrade was attempted (FV-UP-4, FV-UP-5)
	AtBoot             // job: due because the device booted
	Periodic           // job: Resync Periodic ran out
	Retry              // job: an error retry delay ran out
	Notify             // job: a SIP NOTIFY asked for it (FV-EXT-1)
	Lease              // boot: the network took the address away (AV-DHCP-2)
)

var causeWords = [...]string{
	NoCause: "", PowerOn: "power-on", Person: "request", FactoryReset: "factory-reset",
	Config: "config", Firmware: "upgrade", AtBoot: "boot", Periodic: "periodic", Retry: "retry",
	Notify: "notify", Lease: "lease",
}

// String returns the word that the journal uses.
func (c Cause) String() string { return enum.Word(causeWords[:], "cause", c) }

// MarshalText returns the word that the journal uses.
func (c Cause) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a word that String returns.
func (c *Cause) UnmarshalText(text []byte) error {
	return enum.Read(causeWords[:], "cause", text, c)
}
