package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/profile"
)

// identityFlags say who a device is. They are the same on all commands that
// have a device.
type identityFlags struct {
	mac, product, serial, hwver, swver, ip string
}

// anyMAC is the address of the provisioning guide's examples.
const anyMAC = "00:21:f2:01:1b:19"

// anyAddr is the address that a device has where no lease says otherwise. It
// is one for documentation (RFC 5737).
const anyAddr = "192.0.2.10"

func (f *identityFlags) add(fs *pflag.FlagSet) {
	shipped := flyingvoice.Personality.Shipped
	fs.StringVar(&f.mac, "mac", anyMAC, "hardware `ADDRESS`: $MA, $MAU and $MAC")
	fs.StringVar(&f.product, "product", shipped.Product, "product `NAME`: $PN")
	fs.StringVar(&f.serial, "serial", "", "serial `NUMBER`: $SN (default made from the address)")
	fs.StringVar(&f.hwver, "hwver", shipped.Hardware, "hardware `VERSION`: $HWVER")
	fs.StringVar(&f.swver, "swver", shipped.Software, "software `VERSION`: $SWVER")
	fs.StringVar(&f.ip, "ip", anyAddr, "the device's own `ADDRESS`: $IP")
}

func (f *identityFlags) identity() (device.Identity, error) {
	mac, err := device.ParseMAC(f.mac)
	if err != nil {
		return device.Identity{}, usage(err, "")
	}
	serial := f.serial
	if serial == "" {
		serial = flyingvoice.Personality.Serial(mac)
	}
	return device.Identity{MAC: mac, Product: f.product, Serial: serial, Hardware: f.hwver, Software: f.swver}, nil
}

func (f *identityFlags) addr() (netip.Addr, error) {
	addr, err := netip.ParseAddr(f.ip)
	if err != nil {
		return addr, usage(fmt.Errorf("--ip %q is no address, want one such as %s", f.ip, anyAddr), "")
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

func (f *quirkFlags) parse() (device.Quirks, error) {
	q, err := flyingvoice.Personality.ParseQuirks(f.quirks)
	if err != nil {
		return nil, usage(err, "--list-quirks shows them all")
	}
	return q, nil
}

// listQuirks prints the table of quirks.
func listQuirks(e *env) error {
	for _, q := range flyingvoice.Personality.Quirks {
		name := q.Name
		if len(q.Values) > 0 {
			name += "=" + strings.Join(q.Values, "|")
		}
		if _, err := fmt.Fprintf(e.out, "%-28s %-9s %s [%s]\n", name, q.Rule, q.Meaning, q.Source); err != nil {
			return err
		}
	}
	return nil
}

// deviceFlags describe one device and what it meets.
type deviceFlags struct {
	identityFlags
	quirkFlags
	certFlags
	cipherFlags

	profileRule, option66, fileName, upgradeRule string

	sets  []string
	names string
	state string
	seed  uint64
	model *device.Model // filled in for the values that are its own

	tftpTimeout time.Duration
	given       func(flag string) bool
}

func (f *deviceFlags) add(fs *pflag.FlagSet) {
	f.addShared(fs)
	fs.StringVar(&f.names, "names", "", "`FILE` of lines 'Web Name=FILE_NAME' that rename settings in configuration files")
	fs.Int64Var(&f.model.ConfigLimit, "config-limit", f.model.ConfigLimit, "largest configuration in `BYTES`")
	fs.Int64Var(&f.model.FirmwareLimit, "firmware-limit", f.model.FirmwareLimit, "largest firmware image in `BYTES`")
}

// addShared adds the flags that commands for many devices have too.
func (f *deviceFlags) addShared(fs *pflag.FlagSet) {
	m := device.NewModel(&flyingvoice.Personality, defaultCipher())
	f.model = m
	f.given = fs.Changed
	f.identityFlags.add(fs)
	fs.StringVar(&f.profileRule, "profile-rule", "", "Profile `RULE`; turns Option 66 off")
	fs.StringVar(&f.option66, "option66", "", "`VALUE` of DHCP option 66 in the lease; turns Option 66 on")
	fs.StringVar(&f.fileName, "config-file-name", "", "Config File `NAME` (default $PN.conf)")
	fs.StringVar(&f.upgradeRule, "upgrade-rule", "", "Upgrade `RULE`")
	fs.StringArrayVar(&f.sets, "set", nil, "`'NAME=VALUE'` of any setting by its web or file name; repeatable, wins over other flags")
	f.certFlags.add(fs)
	f.cipherFlags.add(fs)
	f.quirkFlags.add(fs)
	fs.StringVar(&f.state, "state", "", "keep non-volatile memory in `DIR` (default: in memory only)")
	fs.Uint64Var(&f.seed, "seed", 0, "`NUMBER` that all random draws depend on (default random)")
	fs.DurationVar(&m.BootTime, "boot-time", m.BootTime, "how long a reboot takes")
	fs.DurationVar(&m.Timeout, "timeout", m.Timeout, "of one whole transfer")
	fs.StringVar(&m.Agent, "user-agent", "", "User-Agent `TEXT`, with macros (default the firmware's own)")
	fs.IntVar(&m.TFTP.BlockSize, "tftp-blksize", 0, "ask for blocks of so many `BYTES` (RFC 2348)")
	fs.IntVar(&m.TFTP.WindowSize, "tftp-windowsize", 0, "ask for windows of so many `BLOCKS` (RFC 7440)")
	fs.DurationVar(&f.tftpTimeout, "tftp-timeout", 0, "ask for this retransmission timeout, whole seconds (RFC 2349)")
	fs.BoolVar(&m.TFTP.Size, "tftp-tsize", false, "ask for the file's size (RFC 2349)")
}

// build makes the model and the lease that the flags describe.
func (f *deviceFlags) build() (*device.Model, device.Lease, error) {
	m := f.model
	addr, err := f.addr()
	if err != nil {
		return nil, device.Lease{}, err
	}
	if m.Quirks, err = f.quirkFlags.parse(); err != nil {
		return nil, device.Lease{}, err
	}
	if m.Cipher, err = f.cipher(); err != nil {
		return nil, device.Lease{}, err
	}
	if m.Parameters, err = renamed(m.Parameters, f.names); err != nil {
		return nil, device.Lease{}, err
	}
	m.TFTP.Timeout = f.tftpTimeout
	if err := f.checkRanges(); err != nil {
		return nil, device.Lease{}, usage(err, "")
	}
	m.Seed = f.seed
	return m, device.Lease{Addr: addr, Option66: f.option66}, nil
}

func (f *deviceFlags) checkRanges() error {
	t := f.model.TFTP
	for _, r := range []struct {
		flag             string
		value, low, high int64
	}{
		{"tftp-blksize", int64(t.BlockSize), 8, 65464},
		{"tftp-windowsize", int64(t.WindowSize), 1, 65535},
		{"config-limit", f.model.ConfigLimit, 1, 1 << 30},
		{"firmware-limit", f.model.FirmwareLimit, 1, 1 << 32},
		{"timeout", int64(f.model.Timeout), 1, int64(24 * time.Hour)},
		{"boot-time", int64(f.model.BootTime), 0, int64(24 * time.Hour)},
		{"tftp-timeout", int64(t.Timeout), int64(time.Second), int64(255 * time.Second)},
	} {
		if f.given(r.flag) && (r.value < r.low || r.value > r.high) {
			return fmt.Errorf("--%s is out of its range", r.flag)
		}
	}
	if t.Timeout%time.Second != 0 {
		return fmt.Errorf("--tftp-timeout %v, want whole seconds", t.Timeout)
	}
	return nil
}

// settings returns what the flags set, by file names. --set wins over what
// another flag implies.
func (f *deviceFlags) settings(m *device.Model) (profile.Config, error) {
	var config profile.Config
	implied := []struct{ flag, web, value string }{
		{"profile-rule", "Option 66", "0"},
		{"profile-rule", "Profile Rule", f.profileRule},
		{"option66", "Option 66", "1"},
		{"config-file-name", "Config File Name", f.fileName},
		{"upgrade-rule", "Upgrade Rule", f.upgradeRule},
	}
	for _, i := range implied {
		if !f.given(i.flag) {
			continue
		}
		var err error
		if config, err = set(m, config, "--"+i.flag, i.web, i.value); err != nil {
			return config, err
		}
	}
	for _, s := range f.sets {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return config, usage(fmt.Errorf("--set %q has no '=', want NAME=VALUE", s), "")
		}
		var err error
		if config, err = set(m, config, "--set", strings.TrimSpace(name), value); err != nil {
			return config, err
		}
	}
	return config, nil
}

// set adds one setting by its web or file name, after a check.
func set(m *device.Model, config profile.Config, flag, name, value string) (profile.Config, error) {
	p, ok := m.Parameters.Find(name)
	if !ok {
		return config, usage(fmt.Errorf("%s: %w", flag, unknownSetting(m, name)), "")
	}
	if err := m.Personality.Check(m.Quirks, p, value); err != nil {
		return config, usage(fmt.Errorf("%s: %s: %w", flag, name, err), "")
	}
	config, err := config.With(p.Name, value)
	if err != nil {
		return config, usage(fmt.Errorf("%s: %w", flag, err), "")
	}
	return config, nil
}

// warnOfRules shows what is wrong with rules. A device takes them all the same,
// and fails with bad-rule.
func warnOfRules(e *env, m *device.Model, config profile.Config) {
	for name, value := range config.All() {
		p, _ := m.Parameters.Find(name)
		var bad *profile.RuleError
		if err := p.Check(value); errors.As(err, &bad) {
			fmt.Fprintf(e.err, "provsim: warning: %s: %v\n%s\n", p.Web, err, bad.Caret())
		}
	}
}

func unknownSetting(m *device.Model, name string) error {
	if near, ok := m.Parameters.Nearest(name); ok {
		return fmt.Errorf("unknown setting %q, did you mean %q?", name, near)
	}
	return fmt.Errorf("unknown setting %q", name)
}

// fresh returns a device's memory with what the flags say stored in it, as a
// person would have typed it on the web page.
func (f *deviceFlags) fresh(e *env, m *device.Model, s device.Stored) (*device.Stored, error) {
	config, err := f.settings(m)
	if err != nil {
		return nil, err
	}
	warnOfRules(e, m, config)
	s.Config = s.Config.Merge(config)
	if f.given("swver") {
		s.Software = f.swver
	}
	s.Certificates, err = f.certFlags.load(s.Certificates)
	return &s, err
}
