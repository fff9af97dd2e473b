// Package avaya is the firmware of Avaya phones of the generations J100, 96x1 and 4600.
// [Personality] is the whole of it; package steps runs it.
//
// A resync asks for an upgrade file, which is a small program: it names the firmware and
// the settings file, and that names the phone's own file. The settings of one start
// replace those of the one before.
//
// # Stand-ins
//
// Firmware images are not public: an image here is a text whose first line is the model
// and the version (AV-FW-1). A phone trusts the authorities that are uploaded to it, in
// place of Avaya's roots (AV-TLS-1). Backup and restore of users' settings, credentials
// for servers beside those of a URL, the header field siaddr of a lease, and the prompt
// before a reboot are not emulated.
package avaya

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
)

// Personality is the Avaya firmware.
var Personality = device.Personality{
	Name:   "avaya",
	Vendor: "Avaya",
	Sources: []string{
		"J100 SIP administration guide R4.1 and older ones",
		"96x1 SIP and H.323 administration guides",
		"4600 and 1600 LAN administration guides",
		"IP Office phone installation notes R12.3",
		"tests of Wazo, FusionPBX and two other provisioning servers; two captures from the field",
	},
	Shipped:    device.Identity{Product: "J179", Software: "4.1.3.0.6"},
	Products:   known(),
	OUIs:       []device.OUI{{0xc8, 0x1f, 0xea}, {0x00, 0x1b, 0x4f}, {0x00, 0x04, 0x0d}}, // AV-ID-1
	Serial:     func(mac device.MAC) string { return mac.Upper() },
	Software:   func(product string) string { return generationOf(product).software },
	Parameters: table,
	Quirks:     quirks,
	Check:      func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Parse:      parseConfig,
	Looks:      device.Looks{Other: `(?m:^(SET|GET|GOTO|IF)[ \t])`},
	Lint:       lint,
	Cipher:     func() encrypt.Cipher { return encrypt.Ciphers()[0] },
	Macros:     func(device.Quirks) macro.Syntax { return macro.Sipura },
	Vars: func(id device.Identity, lease device.Lease) macro.Vars {
		return macro.Map{"MACADDR": id.MAC.String(), "MODEL4": model4(id.Product), "SERIALNO": id.Serial}
	},
	Agent:   userAgent,
	Headers: []string{"Accept: */*"},            // AV-HTTP-1
	DHCP:    dhcp, LeaseLost: device.ThenReboot, // AV-DHCP-2
	Servers: []uint8{242, 176, 43},
	Image:   steps.SealImage,
	Notify:  steps.CheckSync(device.AskResync, "check-sync", "resync"), // AV-TIME-4
	Tree:    tree,
	Boot:    vendor.Boot, BootProduct: vendor.BootProduct,
	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66}, // it has no effect (AV-DHCP-7)
		{Name: "server", Settings: []device.Setting{
			{Name: httpServer, Part: part("http", (*url.URL).Hostname)}, {Name: httpPort, Part: part("http", portOf)}, {Name: httpDir, Part: part("http", dirOf)},
			{Name: tlsServer, Part: part("https", (*url.URL).Hostname)}, {Name: tlsPort, Part: part("https", portOf)}, {Name: tlsDir, Part: part("https", dirOf)},
			{Name: tftpServer, Part: part("tftp", (*url.URL).Hostname)}, {Name: tftpDir, Part: part("tftp", dirOf)},
		}},
	},
}

var vendor = &steps.Vendor{
	Plan: plan, Schedules: schedules,
	Changed: steps.ByDigest,
	Merge: func(_ *steps.Firmware, _ profile.Config, file *device.File) *device.Change { // AV-APP-1
		return &device.Change{Config: file.Config, Events: []device.Event{{Kind: device.AppliedFile, Note: file.Version}}}
	},
	TLS: func(f *steps.Firmware) device.TLSOptions {
		q := f.Model.Quirks
		return device.TLSOptions{AnyChain: q.On(tlsNoVerify), AnyName: true, CommonName: true, TLSRange: f.Model.TLS}
	},
}

// The quirks.
const (
	signalling   = "sig"
	seqCase      = "seq-case"
	http10       = "http10-refused"
	keepSettings = "keep-settings"
	tlsNoVerify  = "tls-no-verify"
)

var quirks = []device.Quirk{
	{Name: signalling, Values: []string{"sip", "h323"}, Rule: "AV-ID-1", Meaning: "the firmware of a 96x1 phone", Source: "both exist"},
	{Name: seqCase, Values: []string{"generation", "exact", "any"}, Rule: "AV-LANG-6", Meaning: "whether SEQ looks at the case of letters; generation: J100 and 96x1 do", Source: "the guides disagree"},
	{Name: http10, Values: []string{"generation", "off", "on"}, Rule: "AV-HTTP-2", Meaning: "take no answer of HTTP/1.0; generation: on for 96x1 with SIP", Source: "a write-up from the field"},
	{Name: keepSettings, Rule: "AV-APP-1", Meaning: "a settings file that is missing leaves the stored settings", Source: "our reading"},
	{Name: tlsNoVerify, Rule: "AV-TLS-1", Meaning: "accept any server certificate", Source: "the usual workaround"},
}

// generation is what phones of one age have in common.
type generation struct {
	name, software string
	products       []string
	upgrade        string   // the file that is asked for first (AV-FILE-1)
	sson           uint8    // the option of the lease with NAME=value pairs (AV-DHCP-3)
	tests          []string // what IF tests (AV-LANG-5)
	swapped        bool     // IF takes its operands in either order
	anyCase        bool     // SEQ does not look at the case of letters (AV-LANG-6)
	http11         bool     // an answer of HTTP/1.0 is not taken (AV-HTTP-2)
	tftp           bool     // TFTPSRVR is asked last (AV-SRC-1)
	macros         bool     // directories have macros (AV-SRC-3)
	window         bool     // polls are due in a window of hours (AV-TIME-3)
}

var generations = []generation{
	{
		name: "j100", software: "4.1.3.0.6", products: []string{"J129", "J139", "J159", "J169", "J179", "J189"},
		upgrade: "J100Supgrade.txt", sson: 242, tests: []string{"GROUP", "MACADDR", "MODEL", "MODEL4"}, swapped: true, macros: true, window: true,
	},
	{
		name: "96x1", software: "7.1.8.0.9", products: []string{"9608", "9611G", "9621G", "9641G"},
		upgrade: "96x1Supgrade.txt", sson: 242, tests: []string{"GROUP", "MACADDR", "MODEL", "MODEL4", "SIG_IN_USE", "VPNACTIVE"}, http11: true,
	},
	{
		name: "4600", software: "2.9.2", products: []string{"4610", "4620"},
		upgrade: "46xxupgrade.scr", sson: 176, tests: []string{"BOOTNAME", "GROUP", "SIG"}, anyCase: true, tftp: true,
	},
}

// h323 is the generation 96x1 with quirk sig=h323.
var h323 = func() generation {
	g := generations[1]
	g.upgrade, g.anyCase, g.http11 = "96x1Hupgrade.txt", true, false
	return g
}()

func known() []device.Generation {
	var all []device.Generation
	for _, g := range generations {
		all = append(all, device.Generation{Name: g.name, Products: g.products})
	}
	return all
}

// generationOf returns that of a product; an unknown one is of the youngest.
func generationOf(product string) *generation {
	for i := range generations {
		if slices.Contains(generations[i].products, product) {
			return &generations[i]
		}
	}
	return &generations[0]
}

// generationWith returns that of a product with the quirks that change it.
func generationWith(product string, q device.Quirks) generation {
	g := *generationOf(product)
	if g.name == "96x1" && q[signalling] == "h323" {
		g = h323
	}
	if q[seqCase] == "exact" || q[seqCase] == "any" {
		g.anyCase = q[seqCase] == "any"
	}
	if q[http10] == "on" || q[http10] == "off" {
		g.http11 = q[http10] == "on"
	}
	return g
}

func model4(product string) string { return product[:min(len(product), 4)] }

// userAgent returns the User-Agent of file requests (AV-ID-2). That of 4600 phones is a
// reading.
func userAgent(id device.Identity) string {
	switch generationOf(id.Product).name {
	case "96x1":
		return "AVAYA/96x1-IPT-SIP-R" + strings.ReplaceAll(id.Software, ".", "_") + " " + id.Product
	case "4600":
		return "AVAYA/46xx-" + id.Software + " " + id.Product
	}
	return "Mozilla/4.0 (compatible; MSIE 6.0) AVAYA/" + id.Product + "-" + id.Software + " (MAC:" + id.MAC.String() + ")"
}

// makers are the letters of host names by the block of the address (AV-ID-3).
var makers = map[device.OUI]string{
	{0x00, 0x04, 0x0d}: "A", {0x00, 0x1b, 0x4f}: "B", {0x00, 0x09, 0x6e}: "E", {0x00, 0x60, 0x1d}: "L", {0x00, 0x07, 0x3b}: "T",
}

// dhcp is what a phone says about itself (AV-ID-3), and when (AV-DHCP-1).
func dhcp(id device.Identity) device.DHCPIdentity {
	maker, ok := makers[device.OUI(id.MAC[:3])]
	if !ok {
		maker = "X"
	}
	return device.DHCPIdentity{
		Class: "ccp.avaya.com", Host: "AV" + maker + strings.ToUpper(id.MAC.String()[6:]), MaxSize: 1500,
		Ask:   []uint8{1, 3, 6, 7, 15, 26, 42, 43, 51, 58, 59, generationOf(id.Product).sson},
		Delay: 4 * time.Second, Unicast: true,
	}
}

// part returns what a setting takes of the URL of a server: nothing of one of another
// scheme.
func part(scheme string, of func(*url.URL) string) func(string) string {
	return func(text string) string {
		if !strings.Contains(text, "://") {
			text = "http://" + text
		}
		u, err := url.Parse(text)
		if err != nil || strings.ToLower(u.Scheme) != scheme {
			return ""
		}
		return of(u)
	}
}

func portOf(u *url.URL) string { return u.Port() }
func dirOf(u *url.URL) string  { return strings.Trim(u.Path, "/") }
