package device

import (
	"time"

	"provsim/encrypt"
	"provsim/profile"
)

// Model is what many devices have in common. Nothing changes it while devices
// use it.
type Model struct {
	Personality *Personality
	Quirks      Quirks
	Secrets     Secrets
	Parameters  profile.Table  // the personality's, or with the user's own names (FV-SET-3)
	Cipher      encrypt.Cipher // of keyed profiles (FV-ENC-2)

	Seed     uint64        // of all random draws
	Epoch    time.Time     // the wall time of the instant 0; zero in virtual time
	BootTime time.Duration // without network at a reboot (FV-BOOT-1)

	Agent         string // the User-Agent, with macros; empty: the personality's
	ConfigLimit   int64  // bytes of a configuration (FV-NET-1)
	FirmwareLimit int64  // bytes of a firmware image (FV-NET-1)
	Timeout       time.Duration
	TLS           TLSRange
	TFTP          TFTPOptions
	PnP           string // address and port where phones ask for their server by SIP PnP; empty: they do not ask

	Memo *Memo // what devices share of their work; nil: nothing
}

// NewModel returns a model of a personality with the defaults of FV-NET-1 and
// FV-BOOT-1.
func NewModel(p *Personality, cipher encrypt.Cipher) *Model {
	return &Model{
		Personality: p, Parameters: p.Parameters, Cipher: cipher, BootTime: 30 * time.Second,
		ConfigLimit: 1 << 20, FirmwareLimit: 64 << 20, Timeout: time.Minute,
	}
}
