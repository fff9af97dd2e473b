package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/fleet"
)

// fleetFlags describe many devices and their day. They are the same on plan and
// fleet.
type fleetFlags struct {
	deviceFlags
	scenarioFlags
	thresholdFlags

	devices int
	length  time.Duration
	out     string
	events  bool
	json    bool
	shard   string
	startAt string
}

func (f *fleetFlags) add(fs *pflag.FlagSet) {
	f.scenarioFlags.add(fs)
	fs.IntVar(&f.devices, "devices", 0, "how many `DEVICES` (default: the scenario's, or 1000)")
	fs.DurationVar(&f.length, "for", 0, "how long the run lasts, `TIME` (default: the scenario's, or 24h)")
	f.thresholdFlags.add(fs)
	fs.StringVar(&f.out, "out", "", "write the results into `DIR`")
	fs.BoolVar(&f.events, "events", false, "write the whole journal into DIR/events.ndjson too")
	fs.BoolVar(&f.json, "json", false, "print the summary as JSON")
	fs.StringVar(&f.shard, "shard", "", "run only shard `I/N` of the devices, I from 0 (default: JOB_COMPLETION_INDEX/PROVSIM_SHARDS where both are set)")
	fs.StringVar(&f.startAt, "start-at", "", "when the run begins, `TIME` as RFC 3339 or 15:04:05 (default: now)")
	f.deviceFlags.addShared(fs)
}

// build returns the scenario with the flags put on it: flags win.
func (f *fleetFlags) build() (*fleet.Scenario, error) {
	s, err := f.scenarioFlags.load()
	if err != nil {
		return nil, err
	}
	if f.given("devices") {
		s.Devices = f.devices
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
	if err := f.population(&s.Population); err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, usage(err, "")
	}
	return s, nil
}

// population puts the device flags on who the devices are.
func (f *fleetFlags) population(p *fleet.Population) error {
	id, err := f.identity()
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
		{"cipher", f.cipherFlags.name, &p.Cipher},
		{"user-agent", f.model.Agent, &p.UserAgent},
	} {
		if f.given(text.flag) {
			*text.field = text.value
		}
	}
	// The two say where configurations are: the one that is typed takes the place
	// of the one in the file.
	if f.given("profile-rule") || f.given("option66") {
		p.ProfileRule, p.Option66 = f.profileRule, f.option66
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

// mix gives all devices the settings of --set, whatever mix they are of.
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
		return netip.Prefix{}, usage(fmt.Errorf("--ip %q is no address and no network, want one such as 10.0.0.0/8", text), "")
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
// own, so that all shards can share --out. Empty is nowhere.
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
		return t, nil
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
	case f.given("devices") && f.devices <= 0:
		return usage(fmt.Errorf("--devices %d, want at least 1", f.devices), "")
	}
	return nil
}
