// Package grandstream is the firmware of Grandstream phones, adapters and bases.
// [Personality] is the whole of it; package steps runs it.
//
// A resync asks for a binary file first, which is applied at once, and then for XML
// files until the first that is found. The order of the names depends on the
// generation (GS-PLAN-2); quirk plan chooses another one.
//
// # Stand-ins
//
// Firmware images are not public: an image here is a text whose first line is the
// model and the version (GS-UP-1). SIP PnP is asked where a server for it is named. A
// redirection service is asked where the user names one: it is the first configuration
// server (GS-SRC-6). A URL that comes with a NOTIFY (GS-SRC-5), FTPS, the vendor's own
// options of TFTP requests (GS-PLAN-6), and Basic that is sent unasked (GS-TRG-5) are not
// emulated.
package grandstream

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
)

// Personality is the Grandstream firmware.
var Personality = device.Personality{
	Name:   "grandstream",
	Vendor: "Grandstream",
	Sources: []string{
		"Grandstream SIP Device Provisioning Guides of 2012 and 2023",
		"user manuals of BT200, GXP1100, GXP17xx, GXP2130, HT502 and HT801",
		"the parameter dictionary of a GXP2170",
		"templates of wazo-provd, FusionPBX and FS PBX; amooma GS3; provisioner",
	},
	Shipped:    device.Identity{Product: "GXP2170", Software: "1.0.11.85"},
	Products:   known(),
	OUIs:       []device.OUI{{0x00, 0x0b, 0x82}, {0xc0, 0x74, 0xad}, {0xec, 0x74, 0xd7}}, // GS-ID-1
	Serial:     func(mac device.MAC) string { return mac.Upper() },
	Parameters: profile.NewTable(parameters),
	Quirks:     quirks,
	Check:      func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Parse: func(body []byte) (profile.Config, error) {
		config, _, err := parse(body)
		return config, err
	},
	Lint:   lint,
	Looks:  device.Looks{Other: `(?m:^P\d+[ \t]*=)|(?s:^\x00.{8,11}\r\n\r\n)`, Roots: []string{"gs_provision", "config"}},
	Cipher: func() encrypt.Cipher { return encrypt.Ciphers()[0] },
	Macros: func(device.Quirks) macro.Syntax { return macro.Sipura },
	Vars: func(id device.Identity, lease device.Lease) macro.Vars {
		return macro.Map{"MAC": id.MAC.String(), "PN": id.Product, "IP": lease.Addr.String()}
	},
	Agent:      userAgent,
	DHCP:       dhcp,
	Servers:    []uint8{66, 43},
	Image:      steps.SealImage,
	Notify:     steps.CheckSync(device.AskResync, "check-sync", "resync"), // GS-TRG-3
	NotifyFrom: notifyFrom,
	Tree:       tree,
	Boot:       vendor.Boot,
	Period:     []device.Setting{{Name: upgradeMode, Value: "1"}, {Name: minutes, Part: device.PartOf(time.Minute)}},
	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66},
		{Name: "redirect-server", Settings: []device.Setting{{Name: configVia, Part: schemeOf}, {Name: configServer, Part: pathOf}}},
		{Name: "server", Settings: []device.Setting{{Name: configVia, Part: schemeOf}, {Name: configServer, Part: pathOf}, {Name: dhcpOn, Value: "0"}}},
	},
}

// notifyFrom says that the sender of a NOTIFY shows the password of the first account,
// unless the setting asks for none or the phone has no account (GS-TRG-3). Which account
// counts is a reading.
func notifyFrom(d *device.Device, _ string) (*device.Account, bool) {
	text := func(name string) string { return d.Model().Parameters.Value(d.Stored().Config, name) }
	user := cmp.Or(text(authID), text(userID))
	if text(notifyChallenge) == "No" || user == "" {
		return nil, true
	}
	return &device.Account{User: user, Password: text(sipPassword)}, true
}

var vendor = &steps.Vendor{
	Plan: plan, Schedules: schedules, Changed: steps.ByValue,
	TLS: func(f *steps.Firmware) device.TLSOptions { return f.Trusts(false, f.Text(checkName) != "Yes") }, // GS-ID-5
}

// The quirks.
const (
	planQuirk     = "plan"
	schemeInPath  = "p237-scheme"
	devCfg        = "dev-cfg"
	firmwareFirst = "fw-first"
	kdf           = "xml-kdf"
)

var quirks = []device.Quirk{
	{Name: planQuirk, Values: []string{"product", "bt", "2012", "xml-first", "model", "p8501", "bin"}, Rule: "GS-PLAN-2", Meaning: "the generation, and so the order of file names; product: that of the product", Source: "guides and manuals disagree"},
	{Name: schemeInPath, Rule: "GS-SRC-2", Meaning: "accept a scheme inside the server path, P237", Source: "our reading"},
	{Name: devCfg, Rule: "GS-PLAN-4", Meaning: "ask for dev<mac>.cfg at the end", Source: "one note on GRP phones"},
	{Name: firmwareFirst, Rule: "GS-UP-1", Meaning: "ask for firmware before the configuration", Source: "the guides leave the order open"},
	{Name: kdf, Values: []string{"md5", "sha256"}, Rule: "GS-ENC-1", Meaning: "how the key of an encrypted file follows from the password", Source: "OpenSSL before and since 1.1"},
	{Name: steps.TLSNoVerify, Rule: "GS-ID-5", Meaning: "accept any server certificate", Source: "firmware without certificate checks"},
	{Name: steps.TLSNoHostname, Rule: "GS-ID-5", Meaning: "accept a trusted server certificate for any name", Source: "the default of validateHostnameInCertificate"},
}

// generation is how phones of one age ask for their configuration (GS-PLAN-2).
type generation struct {
	names  []string
	always bool // the binary file is asked for whatever was found before it
	old    bool // BT200 and its kin: ring tones, TFTP names with "/", HTTP as the protocol
}

// binaries are the names of the file that is applied at once and ends nothing.
var binaries = []string{"cfg$mac", "cfg$mac.bin"}

var generations = map[string]generation{
	"bt":        {names: []string{"cfg$mac", "cfg.txt"}, old: true},
	"2012":      {names: []string{"cfg$mac", "cfg$mac.xml", "cfg.xml"}},
	"xml-first": {names: []string{"cfg$mac.xml", "cfg$mac", "cfg.xml"}, always: true},
	"model":     {names: []string{"cfg$mac", "cfg$mac.xml", "cfg$product.xml", "cfg.xml"}},
	"p8501":     {names: []string{"cfg$mac.xml", "cfg$mac", "cfg$product.xml", "cfg.xml"}},
	"bin":       {names: []string{"cfg$mac.bin", "cfg$mac.xml", "cfg$product.xml", "cfg.xml"}},
}

// products are models that are not of the generation model. One that is named with a
// firmware version is so only with versions that begin so.
var products = []struct {
	name, software, generation string
}{
	{"BT100", "", "bt"}, {"BT200", "", "bt"}, {"HT286", "", "bt"}, {"HT287", "", "bt"}, {"GXP2000", "", "bt"}, {"GXP2010", "", "bt"}, {"GXP2020", "", "bt"},
	{"HT502", "1.0.7.", "xml-first"}, {"HT502", "", "2012"}, {"HT503", "", "2012"}, {"GXP1400", "", "2012"}, {"GXP1405", "", "2012"}, {"GXP1450", "", "2012"},
	{"HT801V2", "", "p8501"}, {"HT802V2", "", "p8501"}, {"HT812V2", "", "p8501"}, {"HT814V2", "", "p8501"}, {"HT818V2", "", "p8501"},
	{"HT801", "", "2012"}, {"HT802", "", "2012"}, {"HT812", "", "2012"}, {"HT813", "", "2012"}, {"HT814", "", "2012"}, {"HT818", "", "2012"},
	{"GXP1100", "1.0.4.", "xml-first"}, {"GXP2130", "1.0.1.", "xml-first"},
}

// known returns the products of each generation, the youngest first.
func known() []device.Generation {
	all := []device.Generation{{Name: "model", Products: []string{"GRP2612W", "GRP2614", "GXP2130", "GXP2170"}}}
	for _, name := range []string{"p8501", "2012", "xml-first", "bt"} {
		g := device.Generation{Name: name}
		for _, p := range products {
			if p.generation != name {
				continue
			}
			text := p.name
			if p.software != "" {
				text += " " + p.software + "x"
			}
			g.Products = append(g.Products, text)
		}
		all = append(all, g)
	}
	return all
}

// generationOf returns the name of a product's generation.
func generationOf(product, software string) string {
	for _, p := range products {
		if p.name == product && strings.HasPrefix(software, p.software) {
			return p.generation
		}
	}
	return "model"
}

// images are the names of firmware files in the order in which they are asked for
// (GS-UP-1, GS-UP-2).
func images(product string, g generation) []string {
	name := strings.ToLower(product)
	if g.old {
		return []string{"boot55e.bin", name + "e.bin"}
	}
	return []string{name + "fw.bin"}
}

// userAgent returns the User-Agent of file requests (GS-ID-2). Of the first
// generation the hardware version is that of the boot program.
func userAgent(id device.Identity) string {
	g := generations[generationOf(id.Product, id.Software)]
	mac := " DevId " + id.MAC.String()
	hardware := id.Hardware
	switch {
	case strings.HasPrefix(id.Product, "HT28"):
		return "Grandstream " + id.Product + " " + id.Software
	case g.old:
		names := images(id.Product, g)
		return "Grandstream " + id.Product + " (" + names[1] + ":" + id.Software + "/" + names[0] + ":" + hardware + ")" + mac
	case hardware != "" && id.Product == "GXV3350":
		hardware = "  " + hardware
	case hardware != "":
		hardware = " " + hardware
	}
	return "Grandstream Model HW " + id.Product + hardware + " SW " + id.Software + mac
}

// dhcp is option 60 and the list of option 55 (GS-ID-4).
func dhcp(id device.Identity) device.DHCPIdentity {
	class := "Grandstream " + id.Product + " dslforum.org"
	if strings.HasPrefix(id.Product, "HT80") {
		class = "HT8XX dslforum.org"
	}
	return device.DHCPIdentity{Class: class, Ask: []uint8{1, 3, 6, 12, 15, 28, 42, 43, 66, 150, 160}}
}

// protocols are the values of P212 and P6767 (GS-SRC-1).
var protocols = []string{"tftp", "http", "https", "ftp", "ftps"}

// schemeOf returns the value of P212 for a URL; a text that its check refuses where
// the URL has another scheme.
func schemeOf(url string) string {
	scheme, _, _ := strings.Cut(url, "://")
	if i := slices.Index(protocols, strings.ToLower(scheme)); i >= 0 {
		return string(rune('0' + i))
	}
	return scheme
}

// pathOf returns the value of P237 for a URL.
func pathOf(url string) string {
	if _, path, ok := strings.Cut(url, "://"); ok {
		return path
	}
	return url
}
