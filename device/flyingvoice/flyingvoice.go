// Package flyingvoice is the firmware of Flying Voice phones and analog
// adapters of the generation that takes its configuration as DBID_NAME=value
// lines (IP542N, G502N, G504N).
//
// [Personality] is the whole of it; package device runs it. The behaviour is
// that of the vendor's provisioning guide. Where the guide is silent, that of
// the Sipura and Linksys firmware counts, from which it descends; the rest is
// our reading, and the rule IDs in the comments lead to the reason.
//
// # Stand-ins
//
// The vendor's profile cipher is not public, so package encrypt's default takes
// its place. The names of those DBID parameters that appear in no public
// document are ours ([Personality].Parameters says which) and can be replaced.
package flyingvoice

import (
	"strings"
	"time"

	"provsim/device"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
)

// Personality is the Flying Voice firmware.
var Personality = device.Personality{
	Name:   "flyingvoice",
	Vendor: "Flying Voice",
	Sources: []string{
		"Flying Voice auto-provision overview, 2018-01-16",
		"Sipura, Linksys and Cisco SPA administration guides, where it is silent",
	},
	Shipped:    device.Identity{Product: "IP542N", Hardware: "v1.0.1", Software: "v3.3.8"},
	Products:   []device.Generation{{Products: []string{"IP542N", "G502N", "G504N"}}},
	OUIs:       []device.OUI{{0x00, 0x21, 0xf2}},
	Serial:     func(mac device.MAC) string { return "FV" + mac.Upper() },
	Parameters: profile.NewTable(parameters),
	Quirks:     quirks,
	Parse:      grammar.Parse,
	Lint:       lint,
	Looks:      device.Looks{Other: `(?m:^\s*DBID_\w+\s*=)`},
	Check:      check,
	Cipher:     func() encrypt.Cipher { return encrypt.Ciphers()[0] },
	Macros:     syntax,
	Vars: func(id device.Identity, lease device.Lease) macro.Vars {
		return &device.Vars{Identity: id, Lease: lease}
	},
	Agent:   userAgent,
	DHCP:    func(device.Identity) device.DHCPIdentity { return dhcpIdentity },
	Servers: serverOptions,
	Tree:    tree,
	Explain: explain,
	Boot:    boot,

	Shorthands:      shorthands,
	RandomDelay:     resyncRandomDelay,
	RandomDelayUnit: time.Second,
	Period:          []device.Setting{{Name: resyncPeriodic}},
	TakesImage:      true,
	Image: func(product, version string, body []byte) []byte {
		return SealImage(Image{Product: product, Version: version}, body)
	},
}

// tree is what a server has: a file of whatever name the rule gives, and an image.
var tree = &device.Tree{
	Files: []device.TreeFile{
		{Class: device.ConfigClass, Common: true, Own: true},
		{Class: device.ImageClass},
	},
	Prefix: "DBID_",
	Sample: []device.Setting{{Name: "DBID_SIP_ACCOUNT", Value: "$MA"}},
	Write: func(_ string, settings profile.Config, own []device.Setting) []byte { // the version is a setting
		body := settings.Append(nil)
		for _, s := range own {
			body = append(body, s.Name+"="+s.Value+"\n"...)
		}
		return body
	},
	Pad:     device.PadLines,
	Sealed:  true,
	Example: example,
}

// dhcpIdentity is our reading of what the phone asks for: what every IP phone needs,
// and the options by which servers lead phones to their configuration. A server that is
// not asked for 66 and 67 may put them into the fields sname and file.
var dhcpIdentity = device.DHCPIdentity{Ask: []uint8{1, 3, 6, 15, 42, 43, 66, 67, 150}}

// serverOptions are those that the phone reads (FV-SRC-1).
var serverOptions = []uint8{66}

// shorthands are what the options of all vendors mean for these phones: option 66 is
// followed where it is given and no rule is (FV-SRC-1, FV-SRC-2).
var shorthands = []device.Shorthand{
	{Name: "option66", Settings: []device.Setting{{Name: option66, Value: "1"}}, Option: 66},
	{Name: "server", Settings: []device.Setting{{Name: option66, Value: "1"}}, Option: 66},
	{Name: "profile-rule", Settings: []device.Setting{{Name: option66, Value: "0"}, {Name: profileRule}}},
	{Name: "config-file-name", Settings: []device.Setting{{Name: configFileName}}},
	{Name: "upgrade-rule", Settings: []device.Setting{{Name: upgradeRule}}},
}

// userAgent is the form of the vendor's newer phones (FV-HTTP-1).
func userAgent(id device.Identity) string {
	return "Flyingvoice " + id.Product + " " + id.Software + " " + strings.ToUpper(id.MAC.Colons())
}

func syntax(q device.Quirks) macro.Syntax {
	s := macro.Sipura
	s.Rescan = q.On(dollarRescan)
	return s
}

// The names of the quirks.
const (
	dollarRescan  = "dollar-rescan"
	delayLists    = "delay-lists"
	forcedResync  = "forced-resync"
	tlsNoVerify   = "tls-no-verify"
	tlsNoHostname = "tls-no-hostname"
	tlsRSA        = "tls-rsa"
	tlsSHA1       = "tls-sha1"
	tlsCN         = "tls-cn"
	httpsUpgrade  = "https-upgrade"
)

var quirks = []device.Quirk{
	{Name: dollarRescan, Rule: "FV-MAC-4", Meaning: "$$MAU expands to $ and the address, as the guide's macro table says and its text denies",
		Source: "provisioning guide, section 3"},
	{Name: delayLists, Rule: "FV-SET-2", Meaning: "delays may be lists, 1800,3600, and have a random part, 3600+600",
		Source: "SPA administration guides"},
	{Name: forcedResync, Values: []string{"idle", "deadline"}, Rule: "FV-RS-8",
		Meaning: "Forced Resync Delay is the time that lines must have been idle, or the most that a due resync waits for the end of a call",
		Source:  "SPA administration guides"},
	{Name: tlsNoVerify, Rule: "FV-TLS-1", Meaning: "accept any server certificate", Source: "firmware without certificate checks"},
	{Name: tlsNoHostname, Rule: "FV-TLS-1", Meaning: "accept a trusted server certificate for any name", Source: "firmware without name checks"},
	{Name: tlsRSA, Rule: "FV-TLS-3", Meaning: "offer RSA key exchange and CBC ciphers too", Source: "OpenSSL of the guide's age"},
	{Name: tlsSHA1, Rule: "FV-TLS-3", Meaning: "accept certificates that are signed with SHA-1", Source: "OpenSSL of the guide's age"},
	{Name: tlsCN, Rule: "FV-TLS-3", Meaning: "accept the common name where a server certificate has no subjectAltName", Source: "RFC 2818 section 3.1"},
	{Name: httpsUpgrade, Rule: "FV-UP-3", Meaning: "allow https in Upgrade Rule and at the end of redirects", Source: "later phones of the SPA family"},
}
