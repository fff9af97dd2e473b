package device

import (
	"encoding/json"
	"fmt"
	"time"

	"provsim/profile"
	"provsim/resync"
)

// Stored is a device's non-volatile memory (FV-BOOT-2). Values that are equal by
// == have equal content.
type Stored struct {
	// Config holds the settings that are not at their defaults, by their names in
	// the configuration file.
	Config  profile.Config
	Version string // of the configuration applied last (FV-CFG-3)
	// Cause is why the next boot will happen (FV-RS-2); none is a power-on.
	Cause      resync.Cause
	UpgradeURL string // of the upgrade done last (FV-UP-2)
	Seen       string // what the firmware remembers of the files of its latest run, in its own form
	Software   string // SWVER after an upgrade; empty: as shipped

	Certificates *Certificates // as uploaded (FV-TLS-1); nil: none
	LastSuccess  time.Time     // of a resync; zero: never, or in virtual time
}

// storedForm is Stored as it is written. Version, UpgradeURL and Software are
// what a server sent, so they go as bytes: they need not be UTF-8.
type storedForm struct {
	MAC          MAC            `json:"mac"`
	Config       profile.Config `json:"config"`
	Version      []byte         `json:"version,omitempty"`
	Cause        resync.Cause   `json:"cause,omitempty"`
	UpgradeURL   []byte         `json:"upgrade_url,omitempty"`
	Seen         []byte         `json:"seen,omitempty"`
	Software     []byte         `json:"software,omitempty"`
	Certificates *Certificates  `json:"certificates,omitempty"`
	LastSuccess  time.Time      `json:"last_success,omitzero"`
}

// Encode returns the text to keep for the device with that address.
func (s *Stored) Encode(mac MAC) ([]byte, error) {
	return json.MarshalIndent(storedForm{
		MAC: mac, Config: s.Config, Version: []byte(s.Version), Cause: s.Cause,
		UpgradeURL: []byte(s.UpgradeURL), Seen: []byte(s.Seen), Software: []byte(s.Software),
		Certificates: s.Certificates, LastSuccess: s.LastSuccess,
	}, "", "  ")
}

// DecodeStored reads what Encode wrote for the same device.
func DecodeStored(text []byte, mac MAC) (*Stored, error) {
	var f storedForm
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("stored state: %w", err)
	}
	if f.MAC != mac {
		return nil, fmt.Errorf("stored state is of device %v, want %v", f.MAC, mac)
	}
	return &Stored{
		Config: f.Config, Version: string(f.Version), Cause: f.Cause,
		UpgradeURL: string(f.UpgradeURL), Seen: string(f.Seen), Software: string(f.Software),
		Certificates: f.Certificates, LastSuccess: f.LastSuccess,
	}, nil
}
