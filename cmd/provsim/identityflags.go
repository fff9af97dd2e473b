package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/vendors"
)

// identityFlags are the identity of a device. All commands with a device have
// them.
type identityFlags struct {
	vendor, mac, product, serial, hwver, swver, ip string

	changed func(flag string) bool // whether the user has given a flag
}

// anyMAC is the address of the provisioning guide's examples.
const anyMAC = "00:21:f2:01:1b:19"

// anyAddr is the address of a device without a lease: one for documentation
// (RFC 5737).
const anyAddr = "192.0.2.10"

func (f *identityFlags) add(fs *pflag.FlagSet) {
	f.changed = fs.Changed
	shipped := vendors.Default().Shipped
	fs.StringVar(&f.mac, "mac", anyMAC, "hardware `ADDRESS`: $MA, $MAU and $MAC")
	fs.StringVar(&f.product, "product", shipped.Product, "product `NAME`: $PN")
	fs.StringVar(&f.serial, "serial", "", "serial `NUMBER`: $SN (default made from the address)")
	fs.StringVar(&f.hwver, "hwver", shipped.Hardware, "hardware `VERSION`: $HWVER")
	fs.StringVar(&f.swver, "swver", shipped.Software, "software `VERSION`: $SWVER")
	fs.StringVar(&f.ip, "ip", anyAddr, "the device's own `ADDRESS`: $IP")
}

// addVendor adds the flag for phones of other vendors.
func (f *identityFlags) addVendor(fs *pflag.FlagSet) {
	fs.StringVar(&f.vendor, "vendor", "", "`NAME` of the phone's vendor: "+strings.Join(vendors.Names(), ", ")+
		" (default: the one that owns the address of --mac, or "+vendors.Default().Name+")")
}

// personality returns the firmware of the phone: that of --vendor, or of the vendor
// that owns the address of --mac, and then the command says so.
func (f *identityFlags) personality(e *env) (*device.Personality, error) {
	if f.vendor != "" {
		p, err := vendors.Lookup(f.vendor)
		if err != nil {
			return nil, usage(err, "")
		}
		return p, nil
	}
	mac, err := device.ParseMAC(f.mac)
	if err != nil {
		return nil, usage(err, "")
	}
	p, known := vendors.Of(mac)
	if !known || p == vendors.Default() {
		return vendors.Default(), nil
	}
	_, err = fmt.Fprintf(e.err, "provsim: %s is an address of %s, so the phone is one of theirs; --vendor chooses another\n", f.mac, p.Vendor)
	return p, err
}

// identity returns who the phone is. What is not given is as the vendor ships it.
func (f *identityFlags) identity(p *device.Personality) (device.Identity, error) {
	mac, err := device.ParseMAC(f.mac)
	if err != nil {
		return device.Identity{}, usage(err, "")
	}
	id := device.Identity{MAC: mac, Product: f.product, Serial: f.serial, Hardware: f.hwver, Software: f.swver}
	if !f.changed("product") {
		id.Product = p.Shipped.Product
	}
	if !f.changed("hwver") {
		id.Hardware = p.Shipped.Hardware
	}
	if !f.changed("swver") {
		id.Software = p.Delivered(id.Product)
	}
	if id.Serial == "" {
		id.Serial = p.Serial(mac)
	}
	return id, nil
}

func (f *identityFlags) addr() (netip.Addr, error) {
	addr, err := netip.ParseAddr(f.ip)
	if err != nil {
		return addr, usage(fmt.Errorf("--ip %q is not an address, want one such as %s", f.ip, anyAddr), "")
	}
	return addr, nil
}

// quirkFlags choose the device's quirks.
type quirkFlags struct {
	quirks []string
	list   bool
}

func (f *quirkFlags) add(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.quirks, "quirk", nil, "switch a quirk on, `NAME[=VALUE]`; repeatable")
	fs.BoolVar(&f.list, "list-quirks", false, "list the quirks and exit")
}

func (f *quirkFlags) parse(p *device.Personality) (device.Quirks, error) {
	q, err := p.ParseQuirks(f.quirks)
	if err != nil {
		return nil, usage(err, "--list-quirks shows them all")
	}
	return q, nil
}

// listQuirks prints the table of a vendor's quirks.
func listQuirks(e *env, p *device.Personality) error {
	for _, q := range p.Quirks {
		name := q.Name
		if len(q.Values) > 0 {
			name += "=" + strings.Join(q.Values, "|")
		}
		if q.Seconds {
			name += "=SECONDS"
		}
		if _, err := fmt.Fprintf(e.out, "%-28s %-9s %s [%s]\n", name, q.Rule, q.Meaning, q.Source); err != nil {
			return err
		}
	}
	return nil
}
