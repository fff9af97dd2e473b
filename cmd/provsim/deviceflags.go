package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/profile"
	"provsim/profile/rule"
)

// deviceFlags describe one device, its lease and its limits.
type deviceFlags struct {
	identityFlags
	quirkFlags
	certFlags
	cipherFlags

	profileRule, option66, fileName, upgradeRule string

	server  string // of --server
	options []string

	redirect, tenant string

	sets    []string
	names   string
	secrets string
	state   string
	seed    uint64
	model   *device.Model // filled in for the values that are its own

	tftpTimeout time.Duration
	given       func(flag string) bool
}

func (f *deviceFlags) add(fs *pflag.FlagSet) {
	f.addShared(fs)
	f.addState(fs, "keep the phone's non-volatile memory in `DIR` (default: in this process only)")
	fs.StringVar(&f.names, "names", "", "`FILE` of lines 'Web Name=FILE_NAME' that rename settings in configuration files")
	fs.StringVar(&f.secrets, "secrets", "", "`FILE` of lines NAME=VALUE with what the vendor's firmware knows and no document publishes, such as a key")
	fs.Int64Var(&f.model.ConfigLimit, "config-limit", f.model.ConfigLimit, "largest configuration in `BYTES`")
	fs.StringVar(&f.model.PnP, "pnp", "", "phones that know SIP PnP ask for their server at `ADDRESS:PORT`, such as 224.0.1.75:5060 (default: they do not ask)")
	fs.Int64Var(&f.model.FirmwareLimit, "firmware-limit", f.model.FirmwareLimit, "largest firmware image in `BYTES`")
}

// addState adds the flag for the directory of what outlives the process.
func (f *deviceFlags) addState(fs *pflag.FlagSet, meaning string) {
	fs.StringVar(&f.state, "state", "", meaning)
}

// addShared adds the flags that commands for many devices have too.
func (f *deviceFlags) addShared(fs *pflag.FlagSet) {
	m := device.NewModel(vendors.Default(), defaultCipher())
	f.model = m
	f.given = fs.Changed
	f.identityFlags.add(fs)
	f.addVendor(fs)
	fs.StringVar(&f.profileRule, "profile-rule", "", "Profile `RULE`; turns Option 66 off")
	fs.StringVar(&f.server, "server", "", "the phones ask this server and no other, `URL`, whichever way phones of their vendor are led there")
	fs.StringVar(&f.redirect, "redirect-server", "", "`URL` in the place of the vendor's redirect server (default: none is asked)")
	fs.StringVar(&f.tenant, "tenant", "", "`NAME` of the Device Manager's tenant that the phones say they belong to")
	fs.StringVar(&f.option66, "option66", "", "`VALUE` of DHCP option 66 in the lease; turns Option 66 on")
	fs.StringArrayVar(&f.options, "option", nil, "put a DHCP option into the lease, `NUMBER=VALUE`, a text or 0x and hex digits; repeatable")
	fs.StringVar(&f.fileName, "config-file-name", "", "Config File `NAME` (default $PN.conf)")
	fs.StringVar(&f.upgradeRule, "upgrade-rule", "", "Upgrade `RULE`")
	fs.StringArrayVar(&f.sets, "set", nil, "`'NAME=VALUE'` of any setting by its web or file name; repeatable, wins over other flags")
	f.certFlags.add(fs)
	f.cipherFlags.add(fs)
	f.quirkFlags.add(fs)
	fs.Uint64Var(&f.seed, "seed", 0, "`NUMBER` that all random draws depend on (default random)")
	fs.DurationVar(&m.BootTime, "boot-time", m.BootTime, "how long a reboot takes, `TIME`")
	fs.DurationVar(&m.Timeout, "timeout", m.Timeout, "how long one whole transfer may take, `TIME`")
	fs.StringVar(&m.Agent, "user-agent", "", "User-Agent `TEXT`, with macros (default the firmware's own)")
	addTLSRange(fs, &m.TLS)
	fs.IntVar(&m.TFTP.BlockSize, "tftp-blksize", 0, "ask for blocks of this many `BYTES` (RFC 2348)")
	fs.IntVar(&m.TFTP.WindowSize, "tftp-windowsize", 0, "ask for windows of this many `BLOCKS` (RFC 7440)")
	fs.DurationVar(&f.tftpTimeout, "tftp-timeout", 0, "ask for this retransmission timeout, `TIME` in whole seconds (RFC 2349)")
	fs.BoolVar(&m.TFTP.Size, "tftp-tsize", false, "ask for the file's size (RFC 2349)")
}

// build makes the model and the lease that the flags describe, for phones of a
// vendor.
func (f *deviceFlags) build(e *env, p *device.Personality) (*device.Model, device.Lease, error) {
	m := f.model
	m.Personality, m.Parameters = p, p.Parameters
	addr, err := f.addr()
	if err != nil {
		return nil, device.Lease{}, err
	}
	if m.Quirks, err = f.quirkFlags.parse(p); err != nil {
		return nil, device.Lease{}, err
	}
	if m.Secrets, err = f.readSecrets(e, p); err != nil {
		return nil, device.Lease{}, err
	}
	if m.Cipher, err = f.cipher(); err != nil {
		return nil, device.Lease{}, err
	}
	if m.Parameters, err = renamed(e, m.Parameters, f.names); err != nil {
		return nil, device.Lease{}, err
	}
	if err := m.TLS.Check(); err != nil {
		return nil, device.Lease{}, usage(err, "--tls-min is above --tls-max")
	}
	if _, err := netip.ParseAddrPort(m.PnP); m.PnP != "" && err != nil {
		return nil, device.Lease{}, usage(fmt.Errorf("--pnp: found %q, want ADDRESS:PORT", m.PnP), "")
	}
	m.TFTP.Timeout = f.tftpTimeout
	if err := f.checkRanges(); err != nil {
		return nil, device.Lease{}, err
	}
	if err := checkSources(f.profileRule, f.option66); err != nil {
		return nil, device.Lease{}, err
	}
	m.Seed = f.seed
	_, option, err := f.leads(p)
	if err != nil {
		return nil, device.Lease{}, err
	}
	led := f.options
	if option != 0 {
		led = append([]string{fmt.Sprintf("%d=%s", option, f.server)}, led...)
	}
	options, err := device.ParseOptions(led)
	if err != nil {
		return nil, device.Lease{}, usage(err, "")
	}
	return m, device.Lease{Addr: addr, Offer: options.Offer(f.option66)}, nil
}

// leads returns what --server, --redirect-server and --tenant stand for with phones of
// a vendor: settings, and the option of the lease that takes the server, or 0.
func (f *deviceFlags) leads(p *device.Personality) (settings []device.Setting, option uint8, err error) {
	for _, s := range []device.Setting{{Name: "redirect-server", Value: f.redirect}, {Name: "tenant", Value: f.tenant}} {
		implied, _, ok := p.Expand(s.Name, s.Value)
		if f.given(s.Name) && !ok {
			return nil, 0, usage(fmt.Errorf("--%s: phones of %s do not have it", s.Name, p.Vendor), "")
		}
		if f.given(s.Name) {
			settings = append(settings, implied...)
		}
	}
	if !f.given("server") {
		return settings, 0, nil
	}
	if u, err := url.Parse(f.server); err != nil || u.Host == "" {
		return nil, 0, usage(errors.New("--server: want a URL such as http://192.0.2.1/phones/"), "")
	}
	if f.option66 != "" || f.profileRule != "" {
		return nil, 0, usage(errors.New("--server and --option66 or --profile-rule each name a server"), "leave one of them out")
	}
	implied, option, ok := p.Expand("server", f.server)
	if !ok {
		return nil, 0, usage(fmt.Errorf("--server: phones of %s are led to their server otherwise", p.Vendor), "use --set or --option")
	}
	f.model.PnP = ""
	return append(settings, implied...), option, nil
}

// readSecrets reads the file of --secrets.
func (f *deviceFlags) readSecrets(e *env, p *device.Personality) (device.Secrets, error) {
	if f.secrets == "" {
		return nil, nil
	}
	text, err := readFile(e, f.secrets, maxSmallFile)
	if err != nil {
		return nil, err
	}
	secrets, err := p.ReadSecrets(string(text))
	if err != nil {
		return nil, usage(fmt.Errorf("--secrets %s: %w", f.secrets, err), "")
	}
	return secrets, nil
}

// addTLSRange adds the flags for the versions of TLS that phones speak (FV-TLS-3).
func addTLSRange(fs *pflag.FlagSet, r *device.TLSRange) {
	fs.TextVar(&r.Min, "tls-min", r.Min, "lowest `VERSION` of TLS that the phone speaks, 1.0 to 1.3 (default 1.2, or --tls-max if that is lower)")
	fs.TextVar(&r.Max, "tls-max", r.Max, "highest `VERSION` of TLS that the phone speaks, 1.0 to 1.3 (default 1.3)")
}

func (f *deviceFlags) checkRanges() error {
	t := f.model.TFTP
	const day = 24 * time.Hour
	if err := cmp.Or(
		valueRange[int]{"tftp-blksize", t.BlockSize, 8, 65464}.check(f.given),
		valueRange[int]{"tftp-windowsize", t.WindowSize, 1, 65535}.check(f.given),
		valueRange[int64]{"config-limit", f.model.ConfigLimit, 1, 1 << 30}.check(f.given),
		valueRange[int64]{"firmware-limit", f.model.FirmwareLimit, 1, 1 << 32}.check(f.given),
		valueRange[time.Duration]{"timeout", f.model.Timeout, time.Millisecond, day}.check(f.given),
		valueRange[time.Duration]{"boot-time", f.model.BootTime, 0, day}.check(f.given),
		valueRange[time.Duration]{"tftp-timeout", t.Timeout, time.Second, 255 * time.Second}.check(f.given),
	); err != nil {
		return err
	}
	if t.Timeout%time.Second != 0 {
		return usage(fmt.Errorf("--tftp-timeout %v, want whole seconds", t.Timeout), "")
	}
	return nil
}

// checkSources refuses a rule that names a server together with an option 66,
// because a phone reads one of the two. A rule without a server needs the option's
// (FV-RULE-3).
func checkSources(text, option66 string) error {
	r, err := rule.Parse(text)
	if option66 == "" || err != nil || r.Host == "" {
		return nil
	}
	return usage(errors.New("the profile rule and option 66 both name a server, and a phone asks only one of them"), "leave one of them out")
}

// settings returns what the flags set, by file names. --set wins over what
// another flag implies.
func (f *deviceFlags) settings(m *device.Model) (profile.Config, error) {
	var config profile.Config
	values := map[string]string{"profile-rule": f.profileRule, "option66": f.option66, "config-file-name": f.fileName, "upgrade-rule": f.upgradeRule, "server": f.server, "redirect-server": f.redirect, "tenant": f.tenant}
	for _, s := range m.Personality.Shorthands {
		value, ours := values[s.Name]
		if !ours || !f.given(s.Name) {
			continue
		}
		implied, _, _ := m.Personality.Expand(s.Name, value)
		for _, i := range implied {
			var err error
			if config, err = set(m, config, "--"+s.Name, i.Name, i.Value); err != nil {
				return config, err
			}
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

// fresh returns what a device has stored, with the settings of the flags added, as
// if a person had typed them on the web page.
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
	s.Certificates, err = f.certFlags.load(e, s.Certificates)
	return &s, err
}
