package main

import (
	"fmt"
	"net/netip"
	"os"

	"github.com/spf13/pflag"

	"provsim/conform/check"
	"provsim/device"
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
	given     func(flag string) bool
}

func (f *targetFlags) add(fs *pflag.FlagSet) {
	f.given = fs.Changed
	t := &f.t
	fs.StringVar(&f.file, "target", "", "`FILE` in YAML that describes the setup")
	fs.StringVar(&t.ProfileRule, "profile-rule", "", "the phones' Profile `RULE`")
	fs.StringVar(&t.Option66, "option66", "", "`VALUE` of DHCP option 66 in the phones' lease")
	fs.StringVar(&t.ConfigFileName, "config-file-name", "", "the phones' Config File `NAME` (default $PN.conf)")
	fs.StringVar(&t.UpgradeRule, "upgrade-rule", "", "the phones' Upgrade `RULE`")
	fs.StringVar(&t.Cipher, "cipher", "", "`NAME` of the cipher of keyed profiles")
	fs.StringArrayVar(&f.macs, "mac", nil, "hardware `ADDRESS` of a phone that the setup provisions; repeatable")
	fs.StringVar(&t.Product, "product", "", "product `NAME`: $PN")
	fs.StringVar(&f.serial, "serial", "", "serial `NUMBER` of the first phone: $SN (default made from the address)")
	fs.StringVar(&t.Hardware, "hwver", "", "hardware `VERSION`: $HWVER")
	fs.StringVar(&t.Software, "swver", "", "software `VERSION`: $SWVER")
	fs.StringVar(&f.ip, "ip", "", "the phones' own `ADDRESS`: $IP")
	fs.StringVar(&t.Agent, "user-agent", "", "User-Agent `TEXT`, with macros (default the firmware's own)")
	f.certFlags.add(fs)
	fs.StringVar(&t.TFTP.Server, "tftp", "", "the TFTP server, `HOST[:PORT]`, where no rule names it")
	fs.StringVar(&t.HTTP, "http", "", "the HTTP server's `URL`, where no rule names it")
	fs.StringVar(&t.HTTPS, "https", "", "the HTTPS server's `URL`, where no rule names it")
	fs.StringVar(&t.DHCP.Interface, "dhcp", "", "ask DHCP servers on this network `INTERFACE`; needs CAP_NET_RAW")
	fs.StringVar(&t.DHCP.Relay, "dhcp-relay", "", "ask the DHCP server at `SERVER[:PORT]`, as if behind a relay agent")
	fs.StringVar(&t.DHCP.Listen, "dhcp-listen", "", "the relay agent's own `ADDRESS[:PORT]`")
	fs.StringVar(&t.DHCP.Class, "dhcp-class", "", "the phones' vendor class, `TEXT` in DHCP option 60")
	fs.StringVar(&f.access, "access", "", "declare `WHO` may read configurations over HTTP and HTTPS: open, password or certificate")
	fs.BoolVar(&t.Policy.LegacyPhones, "legacy-phones", false, "declare that phones are served that know no TLS 1.2")
}

// target returns the setup that file and flags describe.
func (f *targetFlags) target() (*check.Target, error) {
	t := &check.Target{}
	if f.file != "" {
		if _, err := os.Stat(f.file); err != nil {
			return nil, cannot(err, "")
		}
		var err error
		if t, err = check.ReadTarget(f.file); err != nil {
			return nil, usage(err, "")
		}
	}
	f.texts(t)
	if f.given("legacy-phones") {
		t.Policy.LegacyPhones = f.t.Policy.LegacyPhones
	}
	if f.given("access") {
		if err := t.Policy.Access.UnmarshalText([]byte(f.access)); err != nil {
			return nil, usage(fmt.Errorf("--access: %w", err), "")
		}
	}
	if f.given("ip") {
		addr, err := netip.ParseAddr(f.ip)
		if err != nil {
			return nil, usage(fmt.Errorf("--ip %q is no address, want one such as %s", f.ip, anyAddr), "")
		}
		t.Address = addr
	}
	if err := f.phones(t); err != nil {
		return nil, err
	}
	return t, f.certificates(t)
}

// texts puts the flags that are texts on what the file says.
func (f *targetFlags) texts(t *check.Target) {
	for _, text := range []struct {
		flag, value string
		field       *string
	}{
		{"profile-rule", f.t.ProfileRule, &t.ProfileRule},
		{"option66", f.t.Option66, &t.Option66},
		{"config-file-name", f.t.ConfigFileName, &t.ConfigFileName},
		{"upgrade-rule", f.t.UpgradeRule, &t.UpgradeRule},
		{"cipher", f.t.Cipher, &t.Cipher},
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

// certificates gives the first phone those of the flags.
func (f *targetFlags) certificates(t *check.Target) error {
	c, err := f.certFlags.load(nil)
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
		return usage(fmt.Errorf("--cert is of a phone, and there is none"), "give its address by --mac")
	}
	t.Phones[0].Certificate = check.Certificate{Cert: c.Cert, Key: c.Key, Pass: c.Pass}
	return nil
}
