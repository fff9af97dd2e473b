package fleet

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
)

// Population says who the devices are and what they have stored before the run.
type Population struct {
	// MAC is the address of device 0; device n has the address that is n higher.
	// Zero is 00:21:f2:00:00:00.
	MAC device.MAC `yaml:"mac"`
	// Serial is the pattern of serial numbers, with macros, such as "FV$MAU".
	// Empty: the vendor's.
	Serial string `yaml:"serial"`
	// Addresses is the network that leases come from, with an address for each
	// device; none is 10.0.0.0/8.
	Addresses netip.Prefix `yaml:"addresses"`

	Products []Product     `yaml:"products"` // none: the personality's own
	Settings []SettingsMix `yaml:"settings"` // none: all at their defaults

	// ProfileRule, which turns Option 66 off, or Option66, the value in every
	// lease, says where configurations are; neither is Option66 "192.0.2.1".
	ProfileRule    string `yaml:"profile-rule"`
	Option66       string `yaml:"option66"`
	ConfigFileName string `yaml:"config-file-name"`
	UpgradeRule    string `yaml:"upgrade-rule"`

	Quirks []string `yaml:"quirks"` // NAME or NAME=VALUE
	Cipher string   `yaml:"cipher"` // of keyed profiles; empty: the default of package encrypt

	// Version is of the configuration that devices have applied before the run,
	// together with its settings where it is the Configuration's. Empty: all
	// devices are new.
	Version string `yaml:"version"`
	// New is the part of the devices that are new in spite of Version.
	New Fraction `yaml:"new"`

	BootTime  time.Duration `yaml:"boot-time"`  // of a reboot, up to a day; 0 is 30 s (FV-BOOT-1)
	Timeout   time.Duration `yaml:"timeout"`    // of a whole transfer, up to a day; 0 is 60 s (FV-NET-1)
	UserAgent string        `yaml:"user-agent"` // with macros; empty: the firmware's own
	TFTP      TFTPOptions   `yaml:"tftp"`
}

// Product is one kind of device.
type Product struct {
	Name     string  `yaml:"product"`  // PN; empty: the personality's, likewise the next two
	Hardware string  `yaml:"hardware"` // HWVER
	Software string  `yaml:"software"` // SWVER as shipped
	Weight   float64 `yaml:"weight"`   // its part of the devices, relative to others; 0 is 1
}

// SettingsMix is what a part of the devices has stored.
type SettingsMix struct {
	Weight float64 `yaml:"weight"` // the part, relative to others; 0 is 1
	// Set has values by web name or file name, and wins over the rules of the
	// population.
	Set map[string]string `yaml:"set"`
}

// TFTPOptions are the options that devices ask for; 0 and false: they do not
// (FV-TFTP-1).
type TFTPOptions struct {
	BlockSize  int           `yaml:"block-size"`  // RFC 2348, 8 to 65464 bytes
	WindowSize int           `yaml:"window-size"` // RFC 7440, 1 to 65535 blocks
	Timeout    time.Duration `yaml:"timeout"`     // RFC 2349, 1 to 255 whole seconds
	Size       bool          `yaml:"size"`        // RFC 2349 tsize
}

func (p Population) filled() Population {
	p.MAC = or(p.MAC, defaultMAC)
	p.Addresses = or(p.Addresses, netip.MustParsePrefix(defaultAddresses)).Masked()
	if len(p.Products) == 0 {
		p.Products = []Product{{}}
	}
	p.Products = fill(p.Products, Product.filled)
	if len(p.Settings) == 0 {
		p.Settings = []SettingsMix{{}}
	}
	p.Settings = fill(p.Settings, func(m SettingsMix) SettingsMix { m.Weight = or(m.Weight, 1); return m })
	if p.ProfileRule == "" {
		p.Option66 = or(p.Option66, defaultOption66)
	}
	p.Cipher = or(p.Cipher, encrypt.Default)
	p.BootTime = or(p.BootTime, 30*time.Second)
	p.Timeout = or(p.Timeout, time.Minute)
	return p
}

func (p Product) filled() Product {
	shipped := flyingvoice.Personality.Shipped
	p.Name = or(p.Name, shipped.Product)
	p.Hardware = or(p.Hardware, shipped.Hardware)
	p.Software = or(p.Software, shipped.Software)
	p.Weight = or(p.Weight, 1)
	return p
}

func (p *Population) check(c *checker, devices int) {
	c = c.in("population.")
	p.checkAddresses(c, devices)
	for i, product := range p.Products {
		c.weight(fmt.Sprintf("products[%d].weight", i), product.Weight)
	}
	if _, err := encrypt.Lookup(or(p.Cipher, encrypt.Default)); err != nil {
		c.fault("cipher", "%v", err)
	}
	quirks, err := flyingvoice.Personality.ParseQuirks(p.Quirks)
	if err != nil {
		c.fault("quirks", "%v", err)
	}
	if p.ProfileRule != "" && p.Option66 != "" {
		c.fault("option66", "found a profile-rule too, want one of them: a device follows only one (FV-SRC-1, FV-SRC-2)")
	}
	p.checkRules(c)
	for i, mix := range p.Settings {
		c.weight(fmt.Sprintf("settings[%d].weight", i), mix.Weight)
		checkSettings(c.in("settings[%d].set.", i), quirks, mix.Set)
	}
	c.fraction("new", p.New)
	if p.New > 0 && p.Version == "" {
		c.fault("new", "found no version, so all devices are new; want a version that the others have")
	}
	c.lasts("boot-time", p.BootTime, 0, 24*time.Hour)
	c.lasts("timeout", p.Timeout, 0, 24*time.Hour)
	p.TFTP.check(c.in("tftp."))
}

// checkAddresses sees to it that there are enough of both kinds.
func (p *Population) checkAddresses(c *checker, devices int) {
	if mac := or(p.MAC, defaultMAC); mac[0]&1 != 0 || number(mac)>>40 != (number(mac)+uint64(devices-1))>>40 {
		c.fault("mac", "found %v, want an address after which %d more have the same first byte, an even one", p.MAC, devices-1)
	}
	net := or(p.Addresses, netip.MustParsePrefix(defaultAddresses))
	bits := net.Addr().BitLen() - net.Bits()
	if bits < 62 && int64(devices) > int64(1)<<bits-2 { // the net's own address and broadcast are left out
		c.fault("addresses", "found %v with %d addresses for devices, want %d", net, max(0, int64(1)<<bits-2), devices)
	}
}

// number is a MAC address as a number.
func number(mac device.MAC) uint64 {
	var b [8]byte
	copy(b[2:], mac[:])
	return binary.BigEndian.Uint64(b[:])
}

// checkRules refuses rules that no device could follow. Those in settings may be
// wrong: that is how a bad rule is tried.
func (p *Population) checkRules(c *checker) {
	if _, err := profile.ParseRule(p.ProfileRule); err != nil {
		c.fault("profile-rule", "%v", err)
	}
	if _, err := profile.ParseUpgradeRule(p.UpgradeRule); err != nil {
		c.fault("upgrade-rule", "%v", err)
	}
	if p.Option66 != "" {
		if _, _, err := profile.ParseOption66(p.Option66, "x"); err != nil {
			c.fault("option66", "%v", err)
		}
	}
}

func (t TFTPOptions) check(c *checker) {
	if t.BlockSize != 0 {
		c.within("block-size", t.BlockSize, 8, 65464)
	}
	if t.WindowSize != 0 {
		c.within("window-size", t.WindowSize, 1, math.MaxUint16)
	}
	if t.Timeout != 0 {
		c.lasts("timeout", t.Timeout, time.Second, 255*time.Second)
	}
	if t.Timeout%time.Second != 0 {
		c.fault("timeout", "found %v, want whole seconds (RFC 2349)", t.Timeout)
	}
}

// checkSettings holds values against the parameters that a device knows.
func checkSettings(c *checker, quirks device.Quirks, set map[string]string) {
	table := flyingvoice.Personality.Parameters
	for _, name := range sorted(set) {
		p, ok := table.Find(name)
		if !ok {
			hint := ""
			if near, ok := table.Nearest(name); ok {
				hint = fmt.Sprintf(", did you mean %q?", near)
			}
			c.fault(name, "is no setting that the device knows%s", hint)
			continue
		}
		if err := flyingvoice.Personality.Check(quirks, p, set[name]); err != nil {
			c.fault(name, "%v", err)
		}
		if strings.ContainsAny(set[name], "\n") {
			c.fault(name, "found a line end, want one line")
		}
	}
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// serial expands a pattern of serial numbers.
func serial(pattern string, product Product) func(device.MAC) string {
	return func(mac device.MAC) string {
		id := device.Identity{MAC: mac, Product: product.Name, Hardware: product.Hardware, Software: product.Software}
		return macro.Expand(pattern, flyingvoice.Personality.Vars(id, device.Lease{}), macro.Sipura)
	}
}
