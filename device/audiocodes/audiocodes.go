// Package audiocodes is the firmware of AudioCodes 400HD desk phones in three
// generations. [Personality] is the whole of it; package steps runs it.
//
// A check asks for the firmware image first and reads its head only, then for the
// configuration with the files that it includes. Keep-alives are a second job: they
// say what the phone does, and their answers may ask it to act.
//
// # Stand-ins
//
// The key of encrypted values and the secret of .cfx files are the firmware's and not
// public: users give their own (AC-ENC-1, AC-ENC-2). The password digest of
// keep-alives is our own (AC-KA-4), as are the places of the texts in an image's head
// (AC-FW-1) and the actions beside a reset (AC-ACT-2 to -4). SIP PnP is asked where
// the model has a server for it, in the common form of the emulator's SUBSCRIBE. A
// redirect server is asked where the user names one. Of the phone's own web page the
// fields are emulated that scripts use (AC-WEB-1, AC-WEB-2).
package audiocodes

import (
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
)

var shipped = device.Identity{Product: "440HD", Hardware: "Rev0", Software: "2.2.8.61"}

// Personality is the AudioCodes firmware.
var Personality = device.Personality{
	Name:   "audiocodes",
	Vendor: "AudioCodes",
	Sources: []string{
		"420HD and 450HD administrator's manuals 2.2.8 and 3.4.3",
		"the public parameter database and samples of ipphones",
		"EMS tests and the Device Manager's aggregator, as published",
		"captures of a C450HD, SySS, Black Hat 2023",
	},
	Shipped:    shipped,
	Products:   known(),
	OUIs:       []device.OUI{{0x00, 0x90, 0x8f}},
	Serial:     func(mac device.MAC) string { return mac.Upper() },
	Software:   delivered,
	Parameters: profile.NewTable(parameters),
	Quirks:     quirks,
	Secrets:    []string{valueKey, valueIV, fileSecret},
	Check:      func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Parse:      parse,
	Lint:       lint,
	Looks:      device.Looks{Other: `(?m:^[a-z_]+(/[\w%]+)+[ \t]*=)`},
	Macros:     func(device.Quirks) macro.Syntax { return macro.Angles },
	Vars: func(id device.Identity, _ device.Lease) macro.Vars {
		return anyCase{"MAC": fileMAC(id, nil), "MODEL": id.Product}
	},
	Subject: "O=ACL,CN=Client_$MAU", SerialStart: []byte{2}, CertificateYears: 20, // AC-ID-5
	Agent:   userAgent,
	Headers: []string{"Accept: */*", "Connection: close"}, // AC-ID-3
	DHCP:    dhcp,
	Servers: []uint8{160, 66, 43},
	Image:   makeImage,
	Web:     web,
	Notify:  steps.CheckSync(device.AskResync, "check-sync"), // AC-TM-5
	Tree:    tree,
	Boot:    (&vendor).Boot,
	Period:  []device.Setting{{Name: periodType, Value: "hourly"}, {Name: periodHours, Part: device.PartOf(time.Hour)}},
	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66},
		{Name: "server", Option: 160},
		{Name: "redirect-server", Settings: []device.Setting{{Name: redirectURL}}},
		{Name: "tenant", Settings: []device.Setting{{Name: tenantName}}},
	},
}

var vendor = steps.Vendor{
	Plan: check, KeepAlive: keepAlive, Schedules: schedules, TLS: tls, Changed: steps.ByValue, Reboots: reboots,
}

// The names of the quirks.
const (
	macCase       = "mac-case"
	cfgBase       = "cfg-base"
	imageRead     = "image-read"
	comments      = "comment-anywhere"
	clamps        = "clamp"
	hoursMax      = "hours-max"
	randomUnit    = "random-unit"
	randomScope   = "random-scope"
	retry         = "retry"
	first         = "first"
	spread        = "ka-spread"
	tlsNoHostname = "tls-no-hostname"
)

var quirks = []device.Quirk{
	{Name: macCase, Values: []string{"generation", "lower", "upper"}, Rule: "AC-ID-2", Meaning: "case of the MAC in file names", Source: "servers on case-sensitive disks"},
	{Name: cfgBase, Values: []string{"root", "dir"}, Rule: "AC-URL-2", Meaning: "the configuration's part of a source counts from the server's root, or from the firmware's directory", Source: "our reading"},
	{Name: imageRead, Values: []string{"head", "full"}, Rule: "AC-FILE-2", Meaning: "how much of an image of the running version is read", Source: "the manuals say that the header is compared"},
	{Name: comments, Rule: "AC-CFG-1", Meaning: "a ';' begins a comment wherever it stands", Source: "samples of native phones"},
	{Name: clamps, Rule: "AC-CFG-3", Meaning: "a number out of its range becomes the nearest one in it", Source: "our reading"},
	{Name: hoursMax, Values: []string{"65535", "168"}, Rule: "AC-TM-2", Meaning: "the largest hourly/hours_interval", Source: "the parameter database and the 450HD manual disagree"},
	{Name: randomUnit, Values: []string{"minutes", "s"}, Rule: "AC-TM-3", Meaning: "unit of random_provisioning_time", Source: "no document says it"},
	{Name: randomScope, Values: []string{"daily", "all"}, Rule: "AC-TM-3", Meaning: "the random time is of daily and weekly checks, or also of hourly ones and of the one at boot", Source: "no document says it"},
	{Name: retry, Seconds: true, Rule: "AC-TM-4", Meaning: "seconds after which a failed check is repeated", Source: "no retry is documented"},
	{Name: first, Values: []string{"keep-alive", "init"}, Rule: "AC-KA-1", Meaning: "where the message at boot goes", Source: "EMS tests"},
	{Name: spread, Seconds: true, Rule: "AC-KA-3", Meaning: "the most seconds that are added to each keep-alive period", Source: "no spread is documented"},
	{Name: tlsNoHostname, Rule: "AC-ID-6", Meaning: "where certificates are checked, accept one for any name", Source: "firmware without name checks"},
}

// tls returns what the phones check of a server: nothing, unless the settings ask for it
// (AC-ID-6).
func tls(f *steps.Firmware) device.TLSOptions {
	return device.TLSOptions{
		AnyChain: f.Text(verifyServer) != "1", AnyName: f.Model.Quirks.On(tlsNoHostname), TLSRange: f.Model.TLS,
	}
}
