// Package flyingvoicefip is the firmware of the younger Flying Voice phones, the FIP
// and P lines, whose files look like Yealink's. The classic firmware is package
// flyingvoice.
//
// The vendor's zero touch service is not emulated. SIP PnP is asked where the model
// names a server for it (FIP-SRC-1). The version in an image's name stands for its head
// (FIP-UP-1).
package flyingvoicefip

import (
	"path"
	"regexp"
	"strings"

	"provsim/device"
	"provsim/device/bootfile"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
)

var shipped = device.Identity{Product: "FIP13G", Hardware: "V1.0", Software: "V0.6.24"}

// Personality is the firmware of the FIP and P lines.
var Personality = device.Personality{
	Name:   "flyingvoice-fip",
	Vendor: "Flying Voice FIP",
	Sources: []string{
		"FusionPBX templates for 42 models",
		"a public catalogue that cites the vendor's auto provisioning guide",
		"Yealink's guides, where these are silent",
	},
	Shipped:    shipped,
	Products:   []device.Generation{{Name: "FIP", Products: []string{"FIP10", "FIP13G", "FIP16Plus"}}, {Name: "P", Products: []string{"P10", "P24", "P33"}}},
	OUIs:       []device.OUI{{0x78, 0x99, 0x12}}, // 00:21:f2 belongs to the classic firmware's phones too
	Serial:     func(mac device.MAC) string { return mac.Upper() },
	Parameters: profile.NewTable(append(bootfile.Parameters("FIP-TRG-1"), reboots...)),
	Quirks: []device.Quirk{
		{Name: steps.TLSNoVerify, Rule: "FIP-ID-4", Meaning: "accept any server certificate", Source: "static.security.trust_certificates 0"},
		{Name: steps.TLSNoHostname, Rule: "FIP-ID-4", Meaning: "accept a trusted server certificate for any name", Source: "the default of cn_validation"},
		{Name: bootfile.PnP, Values: []string{"on", "off"}, Rule: "FIP-SRC-3", Meaning: "whether the phone asks by SIP PnP as shipped", Source: "the manual and a public catalogue disagree"},
	},
	Check:  func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Parse:  bootfile.Grammar.Parse,
	Lint:   bootfile.Lint,
	Macros: func(device.Quirks) macro.Syntax { return macro.Sipura },
	Vars:   vars,
	Agent: func(id device.Identity) string {
		return "Flyingvoice " + id.Product + " " + id.Software + " " + strings.ToUpper(id.MAC.Colons())
	},
	DHCP:    dhcp,
	Servers: []uint8{66, 67, 43},
	Notify:  notify,
	Saves:   (&family).Saves,
	Web:     steps.ConfigManApp, // FIP-TRG-4
	Tree:    bootfile.Tree(commonFile),
	Boot:    (&family).Firmware().Boot,
	Period:  bootfile.Period,
	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66},
		{Name: "redirect-server", Settings: []device.Setting{{Name: bootfile.RedirectServer}}},
		{Name: "server", Settings: []device.Setting{{Name: bootfile.ServerURL}, {Name: bootfile.DHCPOn, Value: "0"}}},
	},
}

var family = bootfile.Family{
	Vendor:    "Flyingvoice",
	Common:    commonFile,
	Boots:     func(string) bool { return true },
	Vars:      vars,
	Reboots:   bootfile.RebootsFor(reboots),
	Image:     version,
	JoinsBoot: true, // FIP-SRC-2
}

// commonFile is the name of the file for all phones (FIP-PLAN-2).
func commonFile(string) string { return "y000000000000.cfg" }

var versionOf = regexp.MustCompile(`V[0-9]+(\.[0-9]+)+`)

// version returns the V… part of an image's name (FIP-UP-1).
func version(name string) string { return versionOf.FindString(path.Base(name)) }

func vars(id device.Identity, lease device.Lease) macro.Vars {
	return macro.Map{
		"MAC": id.MAC.String(), "MA": id.MAC.String(), "MAU": id.MAC.Upper(), "PN": id.Product, "SN": id.Serial,
		"IP": lease.Addr.String(), "SWVER": id.Software, "HWVER": id.Hardware,
	}
}

// notify reads the event of a NOTIFY: reboot=true restarts the phone whatever the
// settings say, and without it they decide (FIP-TRG-3).
func notify(config profile.Config, event string) (device.InputKind, bool) {
	if kind, known := steps.CheckSync(device.AskResync, "check-sync")(config, event); !known || kind == device.AskReboot {
		return kind, known
	}
	return bootfile.Notify(config, event)
}

// dhcp is option 60 as the firmware's default would be (FIP-ID-3, ours), and the list
// of option 55.
func dhcp(id device.Identity) device.DHCPIdentity {
	return device.DHCPIdentity{Class: "Flyingvoice " + id.Product, Ask: []uint8{1, 3, 6, 12, 15, 28, 42, 43, 66, 67}}
}

// reboots are settings after whose change the phone reboots (FIP-CHG-2, a reading).
var reboots = []profile.Parameter{
	{Name: "static.network.internet_port.type", Web: "static.network.internet_port.type", Meaning: "how the phone gets its address", Source: "FIP-CHG-2"},
	{Name: "static.network.vlan.internet_port_enable", Web: "static.network.vlan.internet_port_enable", Type: profile.Switch, Default: "0", Meaning: "VLAN of the internet port", Source: "FIP-CHG-2"},
	{Name: "static.network.vlan.internet_port_vid", Web: "static.network.vlan.internet_port_vid", Type: profile.Number, Default: "1", Meaning: "its number", Source: "FIP-CHG-2"},
}
