// Package polycom is the firmware of Polycom SoundPoint IP, SoundStation IP and VVX
// phones. [Personality] is the whole of it; package steps runs it.
//
// A phone asks for a master file, which names the image and the configuration files.
// The generation sip3 (bootROM 3 and 4, SIP 2 and 3) does so as the bootROM and once
// more as the application; the generation ucs (Updater 5, UCS 4 to 6) does so once.
//
// # Stand-ins
//
// The container of encrypted files beyond its first line is not public, and neither
// is what a phone reads of an image. An encrypted file is that of PC-ENC-2, and an
// image is known by its first 4096 bytes (PC-IMG-3). No compatibility with the
// vendor's tools is claimed.
package polycom

import (
	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
)

// Personality is the Polycom firmware.
var Personality = device.Personality{
	Name:   "polycom",
	Vendor: "Polycom",
	Sources: []string{
		"SoundPoint IP / SoundStation IP Administrator's Guides SIP 2.0, 2.2 and 3.1",
		"Polycom UC Software 5.8.1 Administrator Guide, CX5100/5500 guide",
		"sip.cfg of SIP 3.1; templates of wazo-provd, FusionPBX and sipXecs",
		"public request logs of SPIP_450, SPIP_550 and VVX 500",
	},
	Shipped:    shipped,
	Products:   []device.Generation{{Name: "ucs", Products: productNames(true)}, {Name: "sip3", Products: productNames(false)}},
	OUIs:       []device.OUI{{0x00, 0x04, 0xf2}, {0x64, 0x16, 0x7f}, {0x48, 0x25, 0x67}},
	Serial:     func(mac device.MAC) string { return mac.String() },
	Parameters: profile.NewTable(parameters),
	Quirks:     quirks,
	Check:      func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Parse:      parseConfig,
	Lint:       lint,
	Looks:      device.Looks{Other: `^Crypt=|(?s:^\s*<.*\s\w+\.[\w.]+=")`, Roots: []string{application}},
	Macros:     func(device.Quirks) macro.Syntax { return macro.Brackets },
	Vars:       func(id device.Identity, _ device.Lease) macro.Vars { return vars(id) },
	Agent:      func(id device.Identity) string { return agent(id, false, false) },
	Subject:    "O=Polycom Inc.,CN=$MAU", // PC-ID-7
	Headers:    []string{"Accept: */*"},  // PC-FILE-8
	DHCP:       dhcp,
	Servers:    []uint8{160, 66},
	Tree:       tree,
	Boot:       vendor.Boot,
	Saves:      saves,

	ExpectAbove:     1024, // PC-FILE-8
	KeepsConnection: true, // PC-FILE-8
	LeaseAtBoot:     true, // PC-SRC-7
	Period:          []device.Setting{{Name: pollingOn, Value: "1"}, {Name: pollingMode, Value: "rel"}, {Name: pollingPeriod}},

	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66},
		{Name: "server", Option: 160},
	},
}

var vendor = steps.Vendor{
	Plan:      plan,
	KeepAlive: keepAlive,
	Schedules: schedules,
	TLS: func(f *steps.Firmware) device.TLSOptions {
		q := f.Model.Quirks
		return device.TLSOptions{AnyChain: q.On(tlsNoVerify), AnyName: q.On(tlsNoHostname), CommonName: true, TLSRange: f.Model.TLS}
	},
	Changed: func(before string, f *device.File) bool { return before != mark(f) },
	Marks:   mark,
	Merge:   replace,
}

// The names of the quirks.
const (
	macCase       = "mac-case"
	bootServer    = "boot-server"
	missingConfig = "missing-config"
	appDHCP       = "app-dhcp"
	informQuirk   = "inform"
	rebootOn      = "reboot-on"
	imageRead     = "image-read"
	tlsNoVerify   = "tls-no-verify"
	tlsNoHostname = "tls-no-hostname"
)

var quirks = []device.Quirk{
	{Name: macCase, Values: []string{"lower", "upper", "both"}, Rule: "PC-ID-1", Meaning: "the address in file names; both: lower case first, then upper",
		Source: "the guides allow upper case, phones ask in lower case"},
	{Name: bootServer, Values: []string{"custom-then-66", "66"}, Rule: "PC-ID-8", Meaning: "the boot server choice as shipped; 66 is that of SIP 2",
		Source: "SIP 2.2 guide"},
	{Name: appDHCP, Rule: "PC-SRC-7", Meaning: "the application takes a lease of its own, and the server that it names", Source: "guides know DHCP of both stages; reading"},
	{Name: informQuirk, Values: []string{"last", "first"}, Rule: "PC-SRC-2", Meaning: "when a phone without a server in its lease sends DHCPINFORM: after or before it looks at its stored address",
		Source: "SIP 2.2 guide"},
	{Name: missingConfig, Values: []string{"skip", "cached"}, Rule: "PC-FILE-2", Meaning: "what a missing file of CONFIG_FILES means: it is skipped, or all stored settings stay",
		Source: "SIP 2.0 guide; reading"},
	{Name: rebootOn, Values: []string{"device", "any"}, Rule: "PC-APPLY-3", Meaning: "which change after a poll reboots a phone of generation ucs: of device.* and the image, or any",
		Source: "CX guide's footnotes"},
	{Name: imageRead, Values: []string{"head", "full"}, Rule: "PC-IMG-3", Meaning: "how much is read of an image that is in flash",
		Source: "not public"},
	{Name: tlsNoVerify, Rule: "PC-ID-7", Meaning: "accept any server certificate", Source: "installers' reports"},
	{Name: tlsNoHostname, Rule: "PC-ID-7", Meaning: "accept a trusted server certificate for any name", Source: "installers' reports"},
}
