package scenario

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/profile/rule"
)

// Population says who the devices are and what they have stored before the run.
type Population struct {
	// Vendor is that of the devices, by its name; empty: flyingvoice.
	Vendor string `yaml:"vendor" json:",omitempty"`
	// MAC is the address of device 0; device n has the address that is n higher.
	// Zero is 00:21:f2:00:00:00.
	MAC device.MAC `yaml:"mac"`
	// Phones is the file with a list of phones, whose columns take the place of the other
	// fields ([ReadPhones]); empty: no list. A relative name counts from the folder of the
	// scenario's file. List is that list. The caller of [Parse] reads it from the file.
	Phones string     `yaml:"phones" json:"-"`
	List   *PhoneList `json:",omitempty"`
	// Serial is the pattern of serial numbers, with macros, such as "FV$MAU".
	// Empty: the vendor's.
	Serial string `yaml:"serial"`
	// Addresses is the network that leases come from, with an address for each
	// device; none is 10.0.0.0/8.
	Addresses netip.Prefix `yaml:"addresses"`

	// Products are the kinds of devices, of one vendor or of several; empty: the
	// vendor's own product. Where there are several vendors, each phone has an address
	// of its vendor's first block that ends as that of the device with its number.
	Products []Product     `yaml:"products"`
	Settings []SettingsMix `yaml:"settings"` // empty: all devices have the defaults

	// ProfileRule, which turns Option 66 off, or Option66, the value in every
	// lease, says where configurations are; neither is Option66 "192.0.2.1".
	ProfileRule string `yaml:"profile-rule"`
	Option66    string `yaml:"option66"`
	// Options are further DHCP options of each lease, NUMBER=VALUE: a text, or 0x and
	// hex digits.
	Options        []string `yaml:"options"`
	ConfigFileName string   `yaml:"config-file-name"`
	UpgradeRule    string   `yaml:"upgrade-rule"`
	// RedirectServer is the URL in the place of the vendors' redirection services, for the
	// phones that have one; empty: none is asked. Where it is set no lease has an option 66
	// that the scenario does not name.
	RedirectServer string `yaml:"redirect-server" json:",omitempty"`

	Quirks []string `yaml:"quirks"` // NAME or NAME=VALUE
	Cipher string   `yaml:"cipher"` // of keyed profiles; empty: the default of package encrypt

	// Version is of the configuration that devices have applied before the run,
	// together with its settings where it is the Configuration's. Empty: all
	// devices are new.
	Version string `yaml:"version"`
	// New is the part of the devices that have no configuration yet, although Version
	// is set.
	New Fraction `yaml:"new"`

	BootTime  time.Duration `yaml:"boot-time"`  // of a reboot, up to a day; 0 is 30 s (FV-BOOT-1)
	Timeout   time.Duration `yaml:"timeout"`    // of a whole transfer, up to a day; 0 is 60 s (FV-NET-1)
	UserAgent string        `yaml:"user-agent"` // with macros; empty: the firmware's own
	TFTP      TFTPOptions   `yaml:"tftp"`
	// TLS is the range of versions that devices speak; empty: 1.2 to 1.3 (FV-TLS-3).
	TLS device.TLSRange `yaml:"tls"`
}

// Product is one kind of device.
type Product struct {
	// Vendor is that of the product, by its name; empty: the population's.
	Vendor   string  `yaml:"vendor" json:",omitempty"`
	Name     string  `yaml:"product"`  // PN; empty: the vendor's own, likewise the next two
	Hardware string  `yaml:"hardware"` // HWVER
	Software string  `yaml:"software"` // SWVER as shipped
	Weight   float64 `yaml:"weight"`   // its part of the devices, relative to others; 0 is 1
}

// SettingsMix is what a part of the devices has stored.
type SettingsMix struct {
	Weight float64 `yaml:"weight"` // the part, relative to others; 0 is 1
	// Set has values by web name or file name, and wins over the rules of the
	// population. Where there are several vendors, a phone takes those that it knows.
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
	if p.Vendor == vendors.Default().Name && p.List == nil {
		p.Vendor = ""
	}
	p.MAC = or(p.MAC, p.firstMAC())
	p.Addresses = or(p.Addresses, netip.MustParsePrefix(defaultAddresses)).Masked()
	if len(p.Products) == 0 {
		p.Products = []Product{{}}
	}
	p.Products = fill(p.Products, func(product Product) Product {
		vendor := p.VendorOf(&product)
		if product.Vendor == vendor.Name && vendor == p.Personality() {
			product.Vendor = ""
		}
		return product.filled(vendor)
	})
	if len(p.Settings) == 0 {
		p.Settings = []SettingsMix{{}}
	}
	p.Settings = fill(p.Settings, func(m SettingsMix) SettingsMix { m.Weight = or(m.Weight, 1); return m })
	if p.ProfileRule == "" && p.RedirectServer == "" && len(p.Options) == 0 {
		p.Option66 = or(p.Option66, DefaultOption66)
	}
	p.Cipher = or(p.Cipher, encrypt.Default)
	p.BootTime = or(p.BootTime, 30*time.Second)
	p.Timeout = or(p.Timeout, time.Minute)
	return p
}

// Personality returns the firmware of the devices of which nothing else is said;
// Validate has said what is wrong with the vendor.
func (p *Population) Personality() *device.Personality {
	if found, err := vendors.Lookup(p.Vendor); err == nil {
		return found
	}
	return vendors.Default()
}

// VendorOf returns the firmware of the devices of a product.
func (p *Population) VendorOf(product *Product) *device.Personality {
	if found, err := vendors.Lookup(product.Vendor); err == nil {
		return found
	}
	return p.Personality()
}

// Vendors returns the firmware of all devices, each once, in the order of the
// products, or of the list of phones. While that list is not read, they are all vendors.
func (p *Population) Vendors() []*device.Personality {
	products := p.Products
	switch {
	case p.unread():
		return vendors.All()
	case p.List != nil:
		products = slices.Concat(p.KindsOf()...)
	}
	var list []*device.Personality
	for i := range products {
		if vendor := p.VendorOf(&products[i]); !slices.Contains(list, vendor) {
			list = append(list, vendor)
		}
	}
	if len(list) == 0 {
		return []*device.Personality{p.Personality()}
	}
	return list
}

// unread reports whether the list of phones is still to be read.
func (p *Population) unread() bool { return p.Phones != "" && p.List == nil }

// firstMAC returns the first address of the vendor's first block.
func (p *Population) firstMAC() (mac device.MAC) {
	copy(mac[:], p.Personality().OUIs[0][:])
	return mac
}

func (p Product) filled(vendor *device.Personality) Product {
	shipped := vendor.Shipped
	p.Name = or(p.Name, shipped.Product)
	p.Hardware = or(p.Hardware, shipped.Hardware)
	p.Software = or(p.Software, vendor.Delivered(p.Name))
	p.Weight = or(p.Weight, 1)
	return p
}

func (p *Population) check(c *checker, devices int) {
	c = c.in("population.")
	p.checkAddresses(c, devices)
	for i, product := range p.Products {
		c.weight(fmt.Sprintf("products[%d].weight", i), product.Weight)
		if product.Vendor != "" {
			if _, err := vendors.Lookup(product.Vendor); err != nil {
				c.fault(fmt.Sprintf("products[%d].vendor", i), "%v", err)
				return
			}
		}
	}
	if _, err := encrypt.Lookup(or(p.Cipher, encrypt.Default)); err != nil {
		c.fault("cipher", "%v", err)
	}
	if p.Vendor != "" {
		if _, err := vendors.Lookup(p.Vendor); err != nil {
			c.fault("vendor", "%v", err)
			return
		}
	}
	p.checkQuirks(c)
	p.checkList(c, devices)
	if p.ProfileRule != "" && p.Option66 != "" {
		c.fault("option66", "found a profile-rule too, want one of them: a device follows only one (FV-SRC-1, FV-SRC-2)")
	}
	p.checkRules(c)
	p.checkRedirect(c)
	for i, mix := range p.Settings {
		c.weight(fmt.Sprintf("settings[%d].weight", i), mix.Weight)
		checkSettings(c.in("settings[%d].set.", i), p, mix.Set)
	}
	c.fraction("new", p.New)
	if p.New > 0 && p.Version == "" {
		c.fault("new", "found no version, so all devices are new; want a version that the others have")
	}
	c.lasts("boot-time", p.BootTime, 0, 24*time.Hour)
	c.lasts("timeout", p.Timeout, 0, 24*time.Hour)
	p.TFTP.check(c.in("tftp."))
	if err := p.TLS.Check(); err != nil {
		c.fault("tls", "%v", err)
	}
}

// checkAddresses refuses too few MAC addresses or leases for the devices.
func (p *Population) checkAddresses(c *checker, devices int) {
	if mac := or(p.MAC, p.firstMAC()); mac[0]&1 != 0 || Number(mac)>>40 != (Number(mac)+uint64(devices-1))>>40 {
		c.fault("mac", "found %v, want an address after which %d more have the same first byte, an even one", p.MAC, devices-1)
	}
	net := or(p.Addresses, netip.MustParsePrefix(defaultAddresses))
	bits := net.Addr().BitLen() - net.Bits()
	if bits < 62 && int64(devices) > int64(1)<<bits-2 { // the net's own address and broadcast are left out
		c.fault("addresses", "found %v with %d addresses for devices, want %d", net, max(0, int64(1)<<bits-2), devices)
	}
}

// Number returns a MAC address as a number.
func Number(mac device.MAC) uint64 {
	var b [8]byte
	copy(b[2:], mac[:])
	return binary.BigEndian.Uint64(b[:])
}

// checkQuirks refuses quirks that no vendor of the devices has.
func (p *Population) checkQuirks(c *checker) {
	for _, text := range p.Quirks {
		var first error
		known := false
		for _, vendor := range p.Vendors() {
			_, err := vendor.ParseQuirks([]string{text})
			known = known || err == nil
			first = cmp.Or(first, err)
		}
		if !known {
			c.fault("quirks", "%v", first)
		}
	}
}

// QuirksOf returns the quirks of a vendor's devices: those of the population that the
// vendor has. Validate has said what is wrong with them.
func (p *Population) QuirksOf(vendor *device.Personality) device.Quirks {
	all := device.Quirks{}
	for _, text := range p.Quirks {
		if one, err := vendor.ParseQuirks([]string{text}); err == nil {
			maps.Copy(all, one)
		}
	}
	return all
}

// checkRules refuses rules that no device could follow. Those in settings may be
// wrong: that is how a bad rule is tried.
func (p *Population) checkRules(c *checker) {
	for _, vendor := range p.Vendors() {
		for _, r := range p.rules() {
			if _, _, ok := vendor.Expand(r.name, r.value); r.value != "" && !ok && r.name != redirectServer && !p.unread() {
				c.fault(r.name, "%s phones have no such rule, want option66", vendor.Vendor)
			}
		}
		if vendor != vendors.Default() {
			checkVendorSettings(c, p, vendor, p.Rules(vendor))
			continue
		}
		if _, err := rule.Parse(p.ProfileRule); err != nil {
			c.fault("profile-rule", "%v", err)
		}
		if _, err := rule.ParseUpgrade(p.UpgradeRule); err != nil {
			c.fault("upgrade-rule", "%v", err)
		}
	}
	if _, err := device.ParseOptions(p.Options); err != nil {
		c.fault("options", "%v", err)
	}
	if p.Option66 != "" {
		if _, _, err := rule.ParseOption66(p.Option66, "x"); err != nil {
			c.fault("option66", "%v", err)
		}
	}
}

// checkRedirect refuses a redirect server that no phone could ask.
func (p *Population) checkRedirect(c *checker) {
	has := func(vendor *device.Personality) bool {
		_, _, ok := vendor.Expand(redirectServer, p.RedirectServer)
		return ok
	}
	switch {
	case p.RedirectServer == "":
	case !isServer(p.RedirectServer):
		c.fault(redirectServer, "want a URL such as https://redirect.example.net/")
	case !slices.ContainsFunc(p.Vendors(), has):
		c.fault(redirectServer, "no phone asks one, want phones of another vendor, or none")
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

// redirectServer is the key of the redirect server, and the vendors' shorthand for it.
const redirectServer = "redirect-server"

// populationRule is a rule of the population by its shorthand.
type populationRule struct{ name, value string }

func (p *Population) rules() []populationRule {
	return []populationRule{
		{"profile-rule", p.ProfileRule}, {"config-file-name", p.ConfigFileName}, {"upgrade-rule", p.UpgradeRule}, {redirectServer, p.RedirectServer},
	}
}

// Rules returns the population's rules as settings of a vendor, by web name.
func (p *Population) Rules(vendor *device.Personality) map[string]string {
	set := map[string]string{}
	for _, r := range p.rules() {
		if r.value == "" {
			continue
		}
		implied, _, _ := vendor.Expand(r.name, r.value)
		for _, i := range implied {
			set[i.Name] = i.Value
		}
	}
	return set
}
