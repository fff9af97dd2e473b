// Package yealink is the firmware of Yealink desk phones, conference phones and
// DECT bases. [Personality] is the whole of it; packages bootfile and steps run it.
//
// # Stand-ins
//
// The vendor's tool for encrypted files and its firmware images are not public. An
// encrypted file is that of openssl enc -aes-128-cbc -md md5 instead (YL-ENC-1), and
// the version in an image's name stands for its head (YL-UP-2). No compatibility
// with the vendor's tool is claimed. A redirect server is asked where the user names one
// (YL-SRC-7). SIP PnP is asked where the model names a server for it (YL-SRC-1).
package yealink

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/device/bootfile"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
)

// model is a model with its firmware family, the first number of its versions, and
// the number of its common file, three digits (YL-ID-2).
type model struct {
	family int
	number string
}

var models = map[string]model{
	"T28P": {2, "000"}, "T26P": {6, "004"}, "T22P": {7, "005"}, "T20P": {9, "007"}, "T21P_E2": {52, "052"}, "T19P_E2": {53, "053"},
	"T23G": {44, "044"}, "T23P": {44, "044"}, "T27P": {45, "045"}, "T27G": {69, "069"}, "T29G": {46, "046"},
	"T32G": {32, "032"}, "T38G": {38, "038"}, "VP530": {23, "023"}, "T49G": {51, "051"}, "VP59": {91, "091"},
	"T41P": {36, "036"}, "T42G": {29, "029"}, "T46G": {28, "028"}, "T48G": {35, "035"}, "T40P": {54, "054"}, "T40G": {76, "076"},
	"T48S": {66, "065"}, "T46S": {66, "066"}, "T42S": {66, "067"}, "T41S": {66, "068"},
	"T46U": {108, "108"}, "T48U": {108, "109"}, "T43U": {108, "107"}, "T42U": {108, "116"}, "T44W": {108, "174"},
	"T31G": {124, "123"}, "T33G": {124, "124"}, "T34W": {124, "171"},
	"T52S": {70, "074"}, "T54S": {70, "070"}, "T53": {96, "095"}, "T53W": {96, "095"}, "T54W": {96, "096"}, "T57W": {96, "097"},
	"T56A": {58, "056"}, "T58": {58, "058"}, "T58W": {150, "150"},
	"CP860": {37, "037"}, "CP920": {78, "078"}, "CP960": {73, "073"}, "CP965": {143, "143"},
	"W52P": {25, "025"}, "W56P": {25, "025"}, "W60B": {77, "077"}, "W70B": {146, "146"},
}

// generations returns the models of each firmware family, the youngest first.
func generations() []device.Generation {
	families := map[int][]string{}
	for name, m := range models {
		families[m.family] = append(families[m.family], name)
	}
	var all []device.Generation
	for _, number := range slices.Backward(slices.Sorted(maps.Keys(families))) {
		slices.Sort(families[number])
		all = append(all, device.Generation{Name: "firmware " + strconv.Itoa(number), Products: families[number]})
	}
	return all
}

// noSIP are the products whose User-Agent has no SIP- before the model (YL-ID-3).
var noSIP = []string{"W52P", "W56P", "W60B", "W70B", "CP860", "CP920", "CP960", "CP965"}

var shipped = device.Identity{Product: "T46S", Hardware: "66.0.0.128.0.0.0", Software: "66.86.0.15"}

// Personality is the Yealink firmware.
var Personality = device.Personality{
	Name:   "yealink",
	Vendor: "Yealink",
	Sources: []string{
		"Yealink Auto Provisioning Guides V80 and V81, administrator's guides V81 to V84",
		"a public server log of two W52P bases, 2018-09-21",
		"templates of wazo-provd, FusionPBX and Tancredi",
	},
	Shipped:    shipped,
	Products:   generations(),
	OUIs:       ouis,
	Serial:     func(mac device.MAC) string { return mac.Upper() },
	Parameters: profile.NewTable(append(bootfile.Parameters("YL-TRG-1"), reboots...)),
	Quirks: []device.Quirk{
		{Name: steps.TLSNoVerify, Rule: "YL-ID-5", Meaning: "accept any server certificate", Source: "static.security.trust_certificates 0"},
		{Name: steps.TLSNoHostname, Rule: "YL-ID-5", Meaning: "accept a trusted server certificate for any name", Source: "the default of cn_validation"},
	},
	Check:   func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Parse:   bootfile.Grammar.Parse,
	Lint:    bootfile.Lint,
	Looks:   device.Looks{Other: `^#!version:|(?m:^[a-z_]+(\.\w+)+[ \t]*=)`},
	Cipher:  encrypt.AES128,
	Macros:  func(device.Quirks) macro.Syntax { return macro.Sipura },
	Vars:    vars,
	Agent:   userAgent,
	Subject: "CN=$MAU", // YL-ID-5
	DHCP:    dhcp,
	Servers: []uint8{66, 43},
	Notify:  bootfile.Notify,
	Saves:   (&family).Saves,
	Tree:    bootfile.Tree(common),
	Boot:    (&family).Firmware().Boot,
	Period:  bootfile.Period,
	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66},
		{Name: "redirect-server", Settings: []device.Setting{{Name: bootfile.RedirectServer}}},
		{Name: "server", Settings: []device.Setting{{Name: bootfile.ServerURL}, {Name: bootfile.DHCPOn, Value: "0"}}},
	},
}

var family = bootfile.Family{
	Vendor:  "Yealink",
	Common:  common,
	Boots:   func(software string) bool { return steps.VersionNumber(software, 1) >= 81 },
	Vars:    vars,
	Reboots: bootfile.RebootsFor(reboots),
	Image:   func(name string) string { return strings.TrimSuffix(path.Base(name), path.Ext(name)) },
	AESKeys: true,
	Uploads: true,
}

// common returns the name of the file for all phones of a model. A model that is not
// known has number 000.
func common(product string) string {
	m, ok := models[product]
	if !ok {
		m.number = "000"
	}
	return "y000000000" + m.number + ".cfg"
}

// userAgent returns the User-Agent of file requests (YL-ID-3).
func userAgent(id device.Identity) string {
	name := "SIP-" + id.Product
	if slices.Contains(noSIP, id.Product) {
		name = id.Product
	}
	mac, vendor := id.MAC.Colons(), "Yealink"
	switch {
	case id.Product == "T56A" || strings.HasPrefix(id.Product, "T58"):
		mac = id.MAC.String()
	case id.Product == "T49G":
		name = "SIP VP-T49G"
	case id.Product == "T38G":
		name += " "
	case strings.HasPrefix(id.Product, "T2") && steps.VersionNumber(id.Software, 1) <= 70:
		vendor = "yealink"
	}
	return vendor + " " + name + " " + id.Software + " " + mac
}

func vars(id device.Identity, lease device.Lease) macro.Vars {
	return macro.Map{"MAC": id.MAC.String(), "PN": id.Product, "MODEL": id.Product, "IP": lease.Addr.String()}
}

// dhcp is option 60 and the list of option 55 (YL-ID-4).
func dhcp(device.Identity) device.DHCPIdentity {
	return device.DHCPIdentity{Class: "yealink", Ask: []uint8{1, 3, 6, 12, 15, 28, 42, 43, 66}}
}

var ouis = []device.OUI{
	{0x00, 0x15, 0x65}, {0x80, 0x5e, 0xc0}, {0x80, 0x5e, 0x0c}, {0x24, 0x9a, 0xd8}, {0x44, 0xdb, 0xd2}, {0x64, 0x4f, 0x56}, {0xec, 0x1d, 0xa9},
	{0x34, 0x97, 0xd7}, {0xb0, 0x61, 0xa9}, {0xc4, 0xfc, 0x22}, {0xf0, 0x16, 0x53}, {0xe4, 0x34, 0xd7},
}

// reboots are settings after whose change the phone reboots (YL-CHG-2). The list is a
// reading: the guides mark network and VLAN settings so, and name no others.
var reboots = []profile.Parameter{
	{Name: "static.network.internet_port.type", Web: "static.network.internet_port.type", Meaning: "how the phone gets its address", Source: "YL-CHG-2"},
	{Name: "static.network.vlan.internet_port_enable", Web: "static.network.vlan.internet_port_enable", Type: profile.Switch, Default: "0", Meaning: "VLAN of the internet port", Source: "YL-CHG-2"},
	{Name: "static.network.vlan.internet_port_vid", Web: "static.network.vlan.internet_port_vid", Type: profile.Number, Default: "1", Meaning: "its number", Source: "YL-CHG-2"},
	{Name: "static.network.vlan.pc_port_enable", Web: "static.network.vlan.pc_port_enable", Type: profile.Switch, Default: "0", Meaning: "VLAN of the PC port", Source: "YL-CHG-2"},
	{Name: "static.network.lldp.enable", Web: "static.network.lldp.enable", Type: profile.Switch, Default: "1", Meaning: "LLDP", Source: "YL-CHG-2"},
	{Name: "static.network.802_1x.mode", Web: "static.network.802_1x.mode", Type: profile.Number, Default: "0", Meaning: "802.1X", Source: "YL-CHG-2"},
}
