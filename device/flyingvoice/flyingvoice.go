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
	"provsim/device"
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
	Serial:     func(mac device.MAC) string { return "FV" + mac.Upper() },
	Parameters: profile.NewTable(parameters),
	Quirks:     quirks,
	Check:      check,
	Macros:     syntax,
	Vars:       func(id device.Identity, lease device.Lease) macro.Vars { return &vars{id: id, lease: lease} },
	Agent:      userAgent,
	Boot:       boot,
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
	{Name: httpsUpgrade, Rule: "FV-UP-3", Meaning: "allow https in Upgrade Rule", Source: "later phones of the SPA family"},
}
