package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/fleet"
)

// fleetFlags describe many devices and a run. They are the same on plan and fleet.
type fleetFlags struct {
	deviceFlags
	scenarioFlags
	thresholdFlags

	phones  string
	devices count
	length  time.Duration
	out     string
	events  bool
	json    bool
	shard   string
	startAt string
}

func (f *fleetFlags) add(fs *pflag.FlagSet) {
	f.scenarioFlags.add(fs)
	fs.StringVar(&f.phones, "phones", "", "CSV `FILE` with a row for each phone: "+strings.Join(fleet.PhoneColumns(), ", "))
	fs.Var(&f.devices, "devices", "how many `DEVICES`, such as 20000 or 20k (default: the scenario's, or all of --phones, or 1000)")
	fs.DurationVar(&f.length, "for", 0, "how long the run lasts, `TIME` (default: the scenario's, or 24h)")
	f.thresholdFlags.add(fs)
	fs.StringVar(&f.out, "out", "", "write the results into `DIR`")
	fs.BoolVar(&f.events, "events", false, "write the whole journal into DIR/events.ndjson too")
	fs.BoolVar(&f.json, "json", false, "print the summary as JSON")
	fs.StringVar(&f.shard, "shard", "", "run only shard `I/N` of the devices, I from 0 (default: JOB_COMPLETION_INDEX/PROVSIM_SHARDS where both are set)")
	fs.StringVar(&f.startAt, "start-at", "", "when the run begins, `TIME` as RFC 3339 or 15:04:05 (default: now)")
	f.deviceFlags.addShared(fs)
	f.ownDefaults(fs)
}

// ownDefaults tells help what a fleet takes where one phone has another default.
func (f *fleetFlags) ownDefaults(fs *pflag.FlagSet) {
	for flag, meaning := range map[string]string{
		"vendor":    "`NAME` of the devices' vendor (default: the scenario's, or the one that owns the address of --mac, or " + vendors.Default().Name + ")",
		"mac":       "hardware `ADDRESS` of the first device, which the others follow (default: the scenario's, or 00:21:f2:00:00:00)",
		"product":   "product `NAME` of all devices (default: the scenario's, or " + fs.Lookup("product").DefValue + ")",
		"hwver":     "hardware `VERSION` of all devices (default: the scenario's, or " + fs.Lookup("hwver").DefValue + ")",
		"swver":     "software `VERSION` of all devices (default: the scenario's, or " + fs.Lookup("swver").DefValue + ")",
		"serial":    "serial `NUMBER`, with macros (default: the scenario's, or made from the address)",
		"ip":        "`NETWORK` that the devices have addresses of (default: the scenario's, or 10.0.0.0/8)",
		"cipher":    "`NAME` of the cipher of keyed profiles (default: the scenario's, or " + fs.Lookup("cipher").DefValue + ")",
		"boot-time": "how long a reboot takes, `TIME` (default: the scenario's, or " + fs.Lookup("boot-time").DefValue + ")",
		"timeout":   "how long one whole transfer may take, `TIME` (default: the scenario's, or " + fs.Lookup("timeout").DefValue + ")",
		"seed":      "`NUMBER` that all random draws depend on (default: the scenario's; a fleet without one draws it, a plan takes 1)",
	} {
		flag := fs.Lookup(flag)
		flag.Usage, flag.DefValue = meaning, "" // pflag prints no default that is empty or zero
		if kind := flag.Value.Type(); kind == "duration" || kind == "uint64" {
			flag.DefValue = "0"
		}
	}
}

// build returns the scenario with the flags put on it: flags win.
func (f *fleetFlags) build(e *env) (*fleet.Scenario, error) {
	s, err := f.scenarioFlags.load(e)
	if err != nil {
		return nil, err
	}
	if f.given("devices") {
		s.Devices = int(f.devices)
	}
	if err := f.list(e, &s.Population); err != nil {
		return nil, err
	}
	if f.given("for") {
		s.Duration = f.length
	}
	if f.given("seed") || f.seed != 0 {
		s.Seed = f.seed
	}
	if len(f.texts) > 0 {
		s.Thresholds = f.texts
	}
	vendor, err := f.vendorOf(e, &s.Population)
	if err != nil {
		return nil, err
	}
	if err := f.population(&s.Population, vendor); err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, usage(err, "")
	}
	return s, s.CheckWork()
}

// list reads the list of phones: of --phones, or of the scenario, whose names count
// from its own folder.
func (f *fleetFlags) list(e *env, p *fleet.Population) error {
	switch {
	case f.phones != "":
		p.Phones = f.phones
	case p.Phones != "" && !filepath.IsAbs(p.Phones):
		p.Phones = filepath.Join(filepath.Dir(f.file), p.Phones)
	}
	if p.Phones == "" {
		return nil
	}
	var err error
	p.List, err = readPhoneList(e, p.Phones)
	return err
}

// readPhoneList reads a list of phones.
func readPhoneList(e *env, name string) (*fleet.PhoneList, error) {
	list, err := interruptible(e.ctx, func() (*fleet.PhoneList, error) {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return fleet.ReadPhones(name, file)
	})
	switch wrong := (*fleet.ScenarioError)(nil); {
	case errors.As(err, &wrong):
		return nil, usage(err, "")
	case err != nil && !errors.Is(err, context.Canceled):
		return nil, cannot(err, "")
	}
	return list, err
}

// vendorOf puts the vendor that flags name on the population, and returns the
// firmware of its devices.
func (f *fleetFlags) vendorOf(e *env, p *fleet.Population) (*device.Personality, error) {
	if f.given("vendor") || f.given("mac") && p.Vendor == "" {
		vendor, err := f.personality(e)
		if err != nil {
			return nil, err
		}
		p.Vendor = vendor.Name
	}
	return p.Personality(), nil
}

// population puts the device flags on the scenario's population.
func (f *fleetFlags) population(p *fleet.Population, vendor *device.Personality) error {
	id, err := f.identity(vendor)
	if err != nil {
		return err
	}
	if f.given("mac") {
		p.MAC = id.MAC
	}
	if f.given("product") || f.given("hwver") || f.given("swver") {
		p.Products = []fleet.Product{{Name: id.Product, Hardware: id.Hardware, Software: id.Software}}
	}
	if f.given("ip") {
		if p.Addresses, err = network(f.ip); err != nil {
			return err
		}
	}
	for _, text := range []struct {
		flag  string
		value string
		field *string
	}{
		{"serial", f.serial, &p.Serial},
		{"config-file-name", f.fileName, &p.ConfigFileName},
		{"upgrade-rule", f.upgradeRule, &p.UpgradeRule},
		{"redirect-server", f.redirect, &p.RedirectServer},
		{"cipher", f.cipherFlags.name, &p.Cipher},
		{"user-agent", f.model.Agent, &p.UserAgent},
	} {
		if f.given(text.flag) {
			*text.field = text.value
		}
	}
	// Both say where configurations are, so a flag replaces either of the file.
	if f.given("profile-rule") || f.given("option66") {
		p.ProfileRule, p.Option66 = f.profileRule, f.option66
	}
	if f.given("option") {
		p.Options = f.options
	}
	settings, option, err := f.leads(vendor)
	if err != nil {
		return err
	}
	if f.given("server") {
		p.ProfileRule, p.Option66 = "", ""
	}
	switch {
	case option == 66:
		p.Option66 = f.server
	case option != 0:
		p.Options = append([]string{fmt.Sprintf("%d=%s", option, f.server)}, p.Options...)
	}
	for i := len(settings) - 1; i >= 0; i-- { // --set wins over them
		f.sets = append([]string{settings[i].Name + "=" + settings[i].Value}, f.sets...)
	}
	if f.given("boot-time") {
		p.BootTime = f.model.BootTime
	}
	if f.given("timeout") {
		p.Timeout = f.model.Timeout
	}
	if len(f.quirks) > 0 {
		p.Quirks = f.quirks
	}
	if f.given("tls-min") {
		p.TLS.Min = f.model.TLS.Min
	}
	if f.given("tls-max") {
		p.TLS.Max = f.model.TLS.Max
	}
	f.tftp(&p.TFTP)
	return f.mix(p)
}

func (f *fleetFlags) tftp(o *fleet.TFTPOptions) {
	asked := f.model.TFTP
	if f.given("tftp-blksize") {
		o.BlockSize = asked.BlockSize
	}
	if f.given("tftp-windowsize") {
		o.WindowSize = asked.WindowSize
	}
	if f.given("tftp-timeout") {
		o.Timeout = f.tftpTimeout
	}
	if f.given("tftp-tsize") {
		o.Size = asked.Size
	}
}

// mix gives the settings of --set to the devices of every mix.
func (f *fleetFlags) mix(p *fleet.Population) error {
	if len(f.sets) == 0 {
		return nil
	}
	if len(p.Settings) == 0 {
		p.Settings = []fleet.SettingsMix{{}}
	}
	for i := range p.Settings {
		set := map[string]string{}
		for name, value := range p.Settings[i].Set {
			set[name] = value
		}
		for _, s := range f.sets {
			name, value, ok := strings.Cut(s, "=")
			if !ok {
				return usage(fmt.Errorf("--set %q has no '=', want NAME=VALUE", s), "")
			}
			set[strings.TrimSpace(name)] = value
		}
		p.Settings[i].Set = set
	}
	return nil
}

// network reads a network, or an address that stands for the /8 or /32 (IPv6)
// around it.
func network(text string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, usage(fmt.Errorf("--ip %q is neither an address nor a network, want one such as 10.0.0.0/8", text), "")
	}
	return addr.Prefix(addr.BitLen() / 4)
}

// The environment of an indexed job.
const (
	envIndex  = "JOB_COMPLETION_INDEX" // set by Kubernetes
	envShards = "PROVSIM_SHARDS"       // the same number as the job's completions
)

// part returns the shard that this run is.
func (f *fleetFlags) part() (fleet.Shard, error) {
	text := f.shard
	if text == "" {
		index, count := os.Getenv(envIndex), os.Getenv(envShards)
		if index == "" || count == "" {
			return fleet.Shard{}, nil
		}
		text = index + "/" + count
	}
	s, err := fleet.ParseShard(text)
	if err != nil {
		return s, usage(err, "--shard 0/4 is the first of four")
	}
	return s, nil
}

// folder returns where the results go: those of a shard into a folder of their
// own, so that all shards can share --out. Empty: nothing is written.
func (f *fleetFlags) folder(s fleet.Shard) string {
	if f.out == "" || s.Count < 2 {
		return f.out
	}
	return f.out + string(os.PathSeparator) + shardFolder(s)
}

func shardFolder(s fleet.Shard) string {
	return "shard-" + strconv.Itoa(s.Index) + "-of-" + strconv.Itoa(s.Count)
}

// start returns when the run begins; zero is now.
func (f *fleetFlags) start(now time.Time) (time.Time, error) {
	if f.startAt == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, f.startAt); err == nil {
		if t.Before(now) {
			err = usage(fmt.Errorf("--start-at %s is in the past, and the run would not begin at that time", f.startAt), "give a time to come, or leave it out")
		}
		return t, err
	}
	clock, err := time.Parse(time.TimeOnly, f.startAt)
	if err != nil {
		return time.Time{}, usage(fmt.Errorf("--start-at %q, want a time such as 2026-12-01T06:00:00Z or 06:00:00", f.startAt), "")
	}
	t := time.Date(now.Year(), now.Month(), now.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, now.Location())
	if t.Before(now) {
		t = t.AddDate(0, 0, 1)
	}
	return t, nil
}

// checkTogether refuses flags that contradict each other.
func (f *fleetFlags) checkTogether() error {
	switch {
	case f.events && f.out == "":
		return usage(errors.New("--events needs --out, the directory to write them into"), "")
	case f.given("for") && f.length <= 0:
		return usage(fmt.Errorf("--for %v, want a time above 0", f.length), "")
	}
	return valueRange[int]{"devices", int(f.devices), 1, fleet.MaxDevices}.check(f.given)
}
