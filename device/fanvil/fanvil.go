// Package fanvil is the firmware of Fanvil phones, intercoms and their rebrands.
// [Personality] is the whole of it; package steps runs it.
//
// A resync asks for a file for all phones of a model and for the phone's own. Each is
// applied if its version is higher than the one applied before.
//
// # Stand-ins
//
// The vendor's tool for encrypted files and its firmware images are not public. An
// encrypted file is that of openssl enc -aes-128-cbc -md md5 instead (FA-ENC-1), and
// an image is a text whose first line is the model and the version (FA-UP-1). No
// compatibility with the vendor's tool is claimed. SIP PnP is asked where a server for
// it is named. A redirect server is asked in the way of Yealink phones, because nothing
// public says how (FA-SRC-6). The user and the password of the phone's own web server are a
// reading (FA-TRG-4). TR-069 is not emulated.
package fanvil

import (
	"maps"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
)

// Personality is the Fanvil firmware.
var Personality = device.Personality{
	Name:   "fanvil",
	Vendor: "Fanvil",
	Sources: []string{
		"Fanvil VoIP Auto Provision Standard 1.1, 2012",
		"user manuals of C56 and i23; a provisioning manual of Planet VIP-1120PT",
		"templates of wazo-provd, FusionPBX and Tancredi",
	},
	Shipped: device.Identity{Product: "X4", Hardware: "1.0", Software: "2.10.2.6887"},
	Products: []device.Generation{
		{Name: "common file known", Products: slices.Sorted(maps.Keys(commons))},
		{Name: "others", Products: []string{"X4U-Pro", "X6U Pro", "H2U-V2", "i53W"}},
	},
	OUIs:       []device.OUI{{0x00, 0xa8, 0x59}, {0x0c, 0x38, 0x3e}}, // FA-ID-1
	Serial:     func(mac device.MAC) string { return mac.String() },
	Parameters: profile.NewTable(parameters),
	Quirks:     quirks,
	Check:      func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Parse: func(body []byte) (profile.Config, error) {
		config, _, _, err := parse(body)
		return config, err
	},
	Lint:   lint,
	Looks:  device.Looks{Other: `^\s*` + firstMark, Roots: []string{"VOIP_CONFIG_FILE", "sysConf"}},
	Cipher: encrypt.AES128,
	Macros: func(device.Quirks) macro.Syntax { return macro.Sipura },
	Vars: func(id device.Identity, lease device.Lease) macro.Vars {
		return macro.Map{"mac": id.MAC.String(), "PN": id.Product, "IP": lease.Addr.String()}
	},
	Agent: userAgent,
	DHCP: func(device.Identity) device.DHCPIdentity { // FA-ID-3
		return device.DHCPIdentity{Ask: []uint8{1, 3, 6, 12, 15, 28, 42, 43, 66}}
	},
	Servers: []uint8{66},
	Image:   steps.SealImage,
	Notify:  steps.CheckSync(device.AskResync, "check-sync"), // FA-TRG-3
	Web:     steps.ConfigManApp,                              // FA-TRG-4
	Tree:    tree,
	Boot:    vendor.Boot,
	Period:  []device.Setting{{Name: flashMode, Value: "2"}, {Name: flashHours, Part: device.PartOf(time.Hour)}},
	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66},
		{Name: "redirect-server", Settings: []device.Setting{{Name: redirectServer}}},
		{Name: "server", Settings: []device.Setting{{Name: flashServer}, {Name: dhcpOption, Value: "0"}, {Name: pnpOn, Value: "0"}}},
	},
}

var vendor = &steps.Vendor{
	Plan: plan, Upgrade: upgrade, Schedules: schedules,
	Wanted: func(f *steps.Firmware, _ *device.Device) bool {
		on, _ := f.Config().Get(autoUpgrade)
		return on == "1"
	},
	Changed: changed, Skips: true, Marks: func(f *device.File) string { return f.Version + " " + f.Digest },
	Reboots: reboots,
	TLS:     func(f *steps.Firmware) device.TLSOptions { return f.Trusts(f.Text(checkCA) == "0", false) }, // FA-ID-4
}

// userAgent returns the User-Agent of file requests (FA-ID-2).
func userAgent(id device.Identity) string {
	return "Fanvil " + id.Product + " " + id.Software + " " + id.MAC.String()
}

// The quirks.
const (
	deviceFirst = "device-first"
	discovery   = "discovery"
	change      = "change"
)

var quirks = []device.Quirk{
	{Name: deviceFirst, Rule: "FA-PLAN-1", Meaning: "ask for the phone's own file before the common one", Source: "no public source says which comes first"},
	{Name: discovery, Values: []string{"dhcp-first", "pnp-first"}, Rule: "FA-SRC-1", Meaning: "which source comes first", Source: "our reading of newer firmware"},
	{Name: change, Values: []string{"by-format", "version", "digest"}, Rule: "FA-CHG-1", Meaning: "what decides whether a file is applied: the version, or a digest; by-format: the digest for XML 2 files, else the version", Source: "the manuals describe both; servers send XML 2 with a constant version"},
	{Name: steps.TLSNoVerify, Rule: "FA-ID-4", Meaning: "accept any server certificate", Source: "CA Certificates disabled"},
	{Name: steps.TLSNoHostname, Rule: "FA-ID-4", Meaning: "accept a trusted server certificate for any name", Source: "the usual workaround"},
}

// commons are the names of the common file by model (FA-PLAN-2).
var commons = map[string]string{
	"X2": "f0X2hw1.100.cfg", "X3": "F0V00X300000.cfg", "X3S": "f0X3shw1.100.cfg", "X3SG": "f0X3sghw1.100.cfg",
	"X4": "f0X4hw1.100.cfg", "X5": "f0X5hw1.100.cfg", "X5S": "F0V00X5S0000.cfg", "X5U-V2": "F0V5UV200000.cfg",
	"X6": "F0V00X600000.cfg", "X6V2": "F0000X600000.cfg", "X210": "F0V00X200000.cfg",
}

// reboots reports whether the phone reboots for a changed setting (FA-CHG-2). Which
// names these are is a reading.
func reboots(name string) bool {
	return strings.HasPrefix(name, "net.") || strings.HasPrefix(name, "WAN ") || strings.Contains(name, "VLAN") || name == "SIP Line Number"
}

// The settings that the firmware reads, by their names in text files.
const (
	flashServer    = "Flash Server IP"
	flashFile      = "Flash File Name"
	flashProtocol  = "Flash Protocol"
	flashMode      = "Flash Mode"
	flashHours     = "Flash Interval"
	defaultUser    = "Default Username"
	defaultPass    = "Default Password"
	dhcpOption     = "DHCP Option"
	pnpOn          = "PNP Enable"
	saveInfo       = "Save Provision Info"
	commonOn       = "Download CommonConf"
	deviceOn       = "Download DeviceConf"
	commonName     = "common-name"
	userInput      = "user-input"
	failTimes      = "Check FailTimes"
	commonKey      = "Common Cfg File Key"
	deviceKey      = "Device Cfg File Key"
	autoImage      = "Auto Image Url"
	autoEtc        = "Auto Etc Url"
	autoUpgrade    = "Enable Auto Upgrade"
	upgrade1       = "Upgrade Server 1"
	upgrade2       = "Upgrade Server 2"
	upgradeHours   = "Auto Upgrade Interval"
	checkCA        = "CA Certificates"
	redirectServer = "redirect-server" // the name is provsim's own
)

// protocols are the values of Flash Protocol (FA-SRC-4).
var protocols = map[string]string{"1": "ftp", "2": "tftp", "4": "http", "5": "https"}

var parameters = profile.SameNames([]profile.Parameter{
	{Name: flashServer, Meaning: "host, or URL with a directory, of the stored server", Source: "FA-SRC-4"},
	{Name: flashFile, Meaning: "name of the phone's own file, macros allowed; empty: that of the URL, else <mac>.cfg", Source: "FA-SRC-4"},
	{Name: flashProtocol, Type: profile.OneOf("1", "2", "4", "5"), Default: "2", Meaning: "1 FTP, 2 TFTP, 4 HTTP, 5 HTTPS", Source: "FA-SRC-4"},
	{Name: flashMode, Type: profile.OneOf("0", "1", "2"), Default: "1", Meaning: "the stored server: 0 off, 1 at a reboot, 2 and at intervals. The default is a reading", Source: "FA-SRC-4"},
	{Name: flashHours, Type: profile.Number, Unit: "hours", Default: "1", Meaning: "the interval of mode 2", Source: "FA-SRC-4"},
	{Name: defaultUser, Meaning: "user name for the server", Source: "FA-TRG-2"},
	{Name: defaultPass, Type: profile.Secret, Meaning: "password for the server", Source: "FA-TRG-2"},
	{Name: dhcpOption, Type: profile.Number, Default: "66", Meaning: "the one DHCP option that names a server: 66, 43, 128 to 254, or 0 for none", Source: "FA-SRC-2"},
	{Name: pnpOn, Type: profile.Switch, Default: "1", Meaning: "ask for the server by SIP PnP", Source: "FA-SRC-3"},
	{Name: saveInfo, Type: profile.Switch, Default: "0", Meaning: "1: store the server that DHCP or PnP has named", Source: "FA-SRC-7"},
	{Name: redirectServer, Meaning: "the redirect server, asked where no other source names a server. As shipped it is the vendor's service; here it is empty, and none is asked. The name of the setting is our own", Source: "FA-SRC-6"},
	{Name: commonOn, Type: profile.Switch, Default: "1", Meaning: "ask for the common file", Source: "FA-PLAN-1"},
	{Name: deviceOn, Type: profile.Switch, Default: "1", Meaning: "ask for the phone's own file", Source: "FA-PLAN-1"},
	{Name: commonName, Meaning: "name of the common file of models whose name is not public; provsim's own setting", Source: "FA-PLAN-2"},
	{Name: userInput, Meaning: "what the macro $input stands for; provsim's own setting", Source: "FA-SRC-5"},
	{Name: failTimes, Type: profile.Number, Default: "5", Meaning: "how often a file is asked for where there is no answer", Source: "FA-TRG-2"},
	{Name: commonKey, Type: profile.Secret, Meaning: "key of the common file", Source: "FA-ENC-1"},
	{Name: deviceKey, Type: profile.Secret, Meaning: "key of the phone's own file", Source: "FA-ENC-1"},
	{Name: autoImage, Meaning: "firmware to load when its file name is another one than the last", Source: "FA-UP-1"},
	{Name: autoEtc, Meaning: "pictures or a phone book to fetch when a file was applied", Source: "FA-PLAN-6"},
	{Name: autoUpgrade, Type: profile.Switch, Default: "0", Meaning: "look for firmware by an index file", Source: "FA-UP-2"},
	{Name: upgrade1, Meaning: "URL of the directory with the index file", Source: "FA-UP-2"},
	{Name: upgrade2, Meaning: "the same, where the first has none", Source: "FA-UP-2"},
	{Name: upgradeHours, Type: profile.Number, Unit: "hours", Default: "24", Meaning: "how often", Source: "FA-UP-2"},
	{Name: checkCA, Type: profile.Switch, Default: "1", Meaning: "the server's certificate must be trusted", Source: "FA-ID-4"},
})
