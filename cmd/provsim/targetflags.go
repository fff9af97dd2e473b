package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"provsim/conform/check"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/fleet"
	"provsim/internal/role/ipoffice"
)

// targetFlags describe the setup that is asked: those of --target, and flags
// that win over them.
type targetFlags struct {
	file      string
	macs      []string
	serial    string
	ip        string
	certFlags certFlags
	t         check.Target // what single flags say
	access    string
	unit      string
	list      string
	given     func(flag string) bool
}

func (f *targetFlags) add(fs *pflag.FlagSet) {
	f.given = fs.Changed
	t := &f.t
	fs.StringVar(&f.file, "target", "", "`FILE` in YAML that describes the setup")
	fs.StringVar(&t.ProfileRule, "profile-rule", "", "the phones' Profile `RULE`")
	fs.StringVar(&t.Option66, "option66", "", "`VALUE` of DHCP option 66 in the phones' lease")
	fs.StringVar(&t.Server, "server", "", "`URL` of the server that the phones ask, whichever way phones of their vendor are led there")
	fs.StringArrayVar(&t.Set, "set", nil, "`'NAME=VALUE'` of any setting of the phones; repeatable")
	fs.StringVar(&t.ConfigFileName, "config-file-name", "", "the phones' Config File `NAME` (default $PN.conf)")
	fs.StringVar(&t.UpgradeRule, "upgrade-rule", "", "the phones' Upgrade `RULE`")
	fs.StringVar(&t.Cipher, "cipher", "", "`NAME` of the cipher of keyed profiles")
	fs.StringArrayVar(&f.macs, "mac", nil, "hardware `ADDRESS` of a phone that the setup provisions; repeatable")
	fs.StringVar(&f.list, "phones", "", "CSV `FILE` with a row for each phone that the setup provisions: "+strings.Join(fleet.PhoneColumns(), ", "))
	fs.StringVar(&t.Vendor, "vendor", "", "`NAME` of the phones' vendor: "+strings.Join(vendors.Names(), ", ")+" (default: the one that owns the address of the first --mac, or "+vendors.Default().Name+")")
	fs.StringVar(&t.Product, "product", "", "product `NAME`: $PN")
	fs.StringVar(&f.serial, "serial", "", "serial `NUMBER` of the first phone: $SN (default made from the address)")
	fs.StringVar(&t.Hardware, "hwver", "", "hardware `VERSION`: $HWVER")
	fs.StringVar(&t.Software, "swver", "", "software `VERSION`: $SWVER")
	fs.StringVar(&f.ip, "ip", "", "the phones' own `ADDRESS`: $IP")
	fs.StringVar(&t.Agent, "user-agent", "", "User-Agent `TEXT`, with macros (default the firmware's own)")
	fs.StringArrayVar(&t.Quirks, "quirk", nil, "switch a quirk of the phones on, `NAME[=VALUE]`; repeatable")
	addTLSRange(fs, &t.TLS)
	f.certFlags.add(fs)
	fs.StringVar(&t.TFTP.Server, "tftp", "", "the TFTP server, `HOST[:PORT]`, where no rule names it")
	fs.StringVar(&t.HTTP, "http", "", "the HTTP server's `URL`, where no rule names it")
	fs.StringVar(&t.HTTPS, "https", "", "the HTTPS server's `URL`, where no rule names it")
	fs.StringVar(&t.DHCP.Interface, "dhcp", "", "ask DHCP servers on this network `INTERFACE`; needs CAP_NET_RAW")
	fs.StringVar(&t.DHCP.Relay, "dhcp-relay", "", "ask the DHCP server at `SERVER[:PORT]`, as if behind a relay agent")
	fs.StringVar(&t.DHCP.Listen, "dhcp-listen", "", "the relay agent's own `ADDRESS[:PORT]`")
	fs.StringVar(&t.DHCP.Class, "dhcp-class", "", "the phones' vendor class, `TEXT` in DHCP option 60")
	fs.StringVar(&f.unit, "ip-office", "", "`ADDRESS` of an IP Office unit, of its LAN1")
	fs.IntVar(&t.IPOffice.Base, "base", ipoffice.DefaultBase, "the unit's Services Base TCP `PORT`")
	fs.IntVar(&t.IPOffice.Shift, "port-shift", 0, "`NUMBER` that is added to every port of the unit")
	fs.StringVar(&f.access, "access", "", "declare `WHO` may read configurations over HTTP and HTTPS: open, password or certificate")
	fs.BoolVar(&t.Policy.LegacyPhones, "legacy-phones", false, "declare that phones are served that know no TLS 1.2")
}

// targets returns the setup that file and flags describe, once for each vendor of a list
// of phones.
func (f *targetFlags) targets(e *env) ([]check.Target, error) {
	t, err := f.target(e)
	if err != nil {
		return nil, err
	}
	if f.list != "" {
		return f.listed(e, t)
	}
	return []check.Target{*t}, askable(t)
}

// target returns the setup that file and flags describe.
func (f *targetFlags) target(e *env) (*check.Target, error) {
	t := &check.Target{}
	if f.file != "" {
		var err error
		t, err = interruptible(e.ctx, func() (*check.Target, error) { return check.ReadTarget(f.file) })
		switch unread := (*fs.PathError)(nil); {
		case errors.As(err, &unread), errors.Is(err, check.ErrTooLarge):
			return nil, cannot(err, "")
		case errors.Is(err, context.Canceled):
			return nil, err
		case err != nil:
			return nil, usage(err, "")
		}
	}
	f.texts(t)
	if err := f.oneWay(t); err != nil {
		return nil, err
	}
	if f.given("legacy-phones") {
		t.Policy.LegacyPhones = f.t.Policy.LegacyPhones
	}
	if len(f.t.Quirks) > 0 {
		t.Quirks = f.t.Quirks
	}
	t.Set = append(t.Set, f.t.Set...)
	if f.given("tls-min") {
		t.TLS.Min = f.t.TLS.Min
	}
	if f.given("tls-max") {
		t.TLS.Max = f.t.TLS.Max
	}
	if f.given("access") {
		if err := t.Policy.Access.UnmarshalText([]byte(f.access)); err != nil {
			return nil, usage(fmt.Errorf("--access: %w", err), "")
		}
	}
	if f.given("ip") {
		addr, err := netip.ParseAddr(f.ip)
		if err != nil {
			return nil, usage(fmt.Errorf("--ip %q is not an address, want one such as %s", f.ip, anyAddr), "")
		}
		t.Address = addr
	}
	if f.given("ip-office") {
		var err error
		if t.IPOffice.Address, err = unitAddress(f.unit); err != nil {
			return nil, usage(fmt.Errorf("--ip-office: %w", err), "")
		}
	}
	if f.given("base") {
		t.IPOffice.Base = f.t.IPOffice.Base
	}
	if f.given("port-shift") {
		t.IPOffice.Shift = f.t.IPOffice.Shift
	}
	if f.list != "" {
		t.Phones = nil
		return t, nil
	}
	if err := f.phones(t); err != nil {
		return nil, err
	}
	if err := f.vendor(e, t); err != nil {
		return nil, err
	}
	return t, f.certificates(e, t)
}

// texts puts the flags that are texts on what the file says.
func (f *targetFlags) texts(t *check.Target) {
	for _, text := range []struct {
		flag, value string
		field       *string
	}{
		{"profile-rule", f.t.ProfileRule, &t.ProfileRule},
		{"option66", f.t.Option66, &t.Option66},
		{"server", f.t.Server, &t.Server},
		{"config-file-name", f.t.ConfigFileName, &t.ConfigFileName},
		{"upgrade-rule", f.t.UpgradeRule, &t.UpgradeRule},
		{"cipher", f.t.Cipher, &t.Cipher},
		{"vendor", f.t.Vendor, &t.Vendor},
		{"product", f.t.Product, &t.Product},
		{"hwver", f.t.Hardware, &t.Hardware},
		{"swver", f.t.Software, &t.Software},
		{"user-agent", f.t.Agent, &t.Agent},
		{"tftp", f.t.TFTP.Server, &t.TFTP.Server},
		{"http", f.t.HTTP, &t.HTTP},
		{"https", f.t.HTTPS, &t.HTTPS},
		{"dhcp", f.t.DHCP.Interface, &t.DHCP.Interface},
		{"dhcp-relay", f.t.DHCP.Relay, &t.DHCP.Relay},
		{"dhcp-listen", f.t.DHCP.Listen, &t.DHCP.Listen},
		{"dhcp-class", f.t.DHCP.Class, &t.DHCP.Class},
	} {
		if f.given(text.flag) {
			*text.field = text.value
		}
	}
}

// oneWay sees to it that phones are led either by a server, a Profile Rule or option 66:
// a phone with Option 66 on does not look at its rule (FV-SRC-1). A flag wins over
// the file. A rule without a host needs both (FV-RULE-3).
func (f *targetFlags) oneWay(t *check.Target) error {
	led := f.given("profile-rule") || f.given("option66")
	switch {
	case f.given("server") && !led:
		t.ProfileRule, t.Option66 = "", ""
	case led && !f.given("server"):
		t.Server = ""
	}
	switch {
	case t.ProfileRule == "" || t.Option66 == "":
	case f.given("profile-rule") && !f.given("option66"):
		t.Option66 = ""
	case f.given("option66") && !f.given("profile-rule"):
		t.ProfileRule = ""
	}
	return checkSources(t.ProfileRule, t.Option66)
}

// phones takes those of --mac in place of the file's.
func (f *targetFlags) phones(t *check.Target) error {
	if f.given("mac") {
		t.Phones = nil
		for _, text := range f.macs {
			mac, err := device.ParseMAC(text)
			if err != nil {
				return usage(err, "")
			}
			t.Phones = append(t.Phones, check.Phone{MAC: mac})
		}
	}
	if f.given("serial") && len(t.Phones) > 0 {
		t.Phones[0].Serial = f.serial
	}
	return nil
}

// vendor takes the vendor that owns the first phone's address where the flags name no
// vendor, and says so.
func (f *targetFlags) vendor(e *env, t *check.Target) error {
	if t.Vendor != "" || len(t.Phones) == 0 {
		return nil
	}
	by, known := vendors.Of(t.Phones[0].MAC)
	if !known || by == vendors.Default() {
		return nil
	}
	t.Vendor = by.Name
	_, err := fmt.Fprintf(e.err, "provsim: %s is an address of %s, so the phones are theirs; --vendor chooses another\n", t.Phones[0].MAC, by.Vendor)
	return err
}

// certificates gives the first phone those of the flags.
func (f *targetFlags) certificates(e *env, t *check.Target) error {
	c, err := f.certFlags.load(e, nil)
	if err != nil || c == nil {
		return err
	}
	if c.CA != nil {
		t.CA = c.CA
	}
	if c.Cert == nil {
		return nil
	}
	if len(t.Phones) == 0 {
		return usage(fmt.Errorf("--cert belongs to a phone, and no phone is named"), "give its address by --mac")
	}
	t.Phones[0].Certificate = check.Certificate{Cert: c.Cert, Key: c.Key, Pass: c.Pass}
	return nil
}
