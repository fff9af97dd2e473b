package fleet

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

func people(t *testing.T, text string) *crew {
	t.Helper()
	c, err := newCrew(parse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every device has a MAC address, a serial number and a lease of its own, and is
// found by its MAC address.
func TestDevicesAreThemselves(t *testing.T) {
	c := people(t, "devices: 70000\npopulation: {mac: 00:21:f2:ff:ff:00, serial: X$MAU-$PN, addresses: 198.18.0.0/15}\n")
	leases := map[netip.Addr]bool{}
	network := netip.MustParsePrefix("198.18.0.0/15")
	for n := range c.Devices {
		if got := c.number(c.mac(n)); got != n {
			t.Fatalf("device %d has %v, which is found as %d", n, c.mac(n), got)
		}
		addr := c.lease(n).Addr
		if leases[addr] || !network.Contains(addr) {
			t.Fatalf("device %d has the lease %v: twice, or not of the network", n, addr)
		}
		leases[addr] = true
	}
	id := c.identity(256)
	if want := "X0021F3000000-IP542N"; id.Serial != want || id.MAC != (device.MAC{0x00, 0x21, 0xf3, 0, 0, 0}) {
		t.Errorf("device 256 is %v with serial number %s, want %s", id.MAC, id.Serial, want)
	}
	if a := after(netip.MustParseAddr("2001:db8::ffff:ffff:ffff:ffff"), 1); a != netip.MustParseAddr("2001:db8:0:1::") {
		t.Errorf("after the last address of the lower half comes %v", a)
	}
}

// Products, settings and new devices have their parts, drawn independently.
func TestMixes(t *testing.T) {
	c := people(t, `
devices: 20000
population:
  version: "1"
  new: 25%
  products: [{product: A, weight: 3}, {product: B}]
  settings: [{weight: 9, set: {Resync Periodic: 60}}, {set: {Resync Periodic: 600}}]
configuration: {settings: {Resync Random Delay: 5}}
`)
	var b, slow, fresh, all int
	for n := range c.Devices {
		isB := c.makeOf(n).Product == "B"
		memory := c.memory(n)
		period, _ := memory.Config.Get("DBID_RESYNC_PERIODIC")
		delay, applied := memory.Config.Get("DBID_RESYNC_RANDOM_DELAY")
		if applied != (memory.Version == "1") || applied && delay != "5" {
			t.Fatalf("device %d has version %q and a delay of %q", n, memory.Version, delay)
		}
		count(&b, isB)
		count(&slow, period == "600")
		count(&fresh, !applied)
		count(&all, isB && period == "600" && !applied)
	}
	for what, c := range map[string]struct{ got, want float64 }{
		"B": {float64(b), 5000}, "slow": {float64(slow), 2000}, "new": {float64(fresh), 5000}, "all three": {float64(all), 125},
	} {
		if math.Abs(c.got-c.want) > 5*math.Sqrt(c.want) {
			t.Errorf("%v devices are %s, want about %v", c.got, what, c.want)
		}
	}
	if got := c.period(); got != time.Minute {
		t.Errorf("the usual period is %v, want that of most devices, 1m", got)
	}
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// Each device is in one phase and at one site, whatever their parts are.
func TestPartsAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "devices")
		var sites []Site
		for range rapid.IntRange(1, 4).Draw(t, "kinds") {
			sites = append(sites, Site{Weight: rapid.Float64Range(0.01, 10).Draw(t, "weight"), Devices: rapid.IntRange(1, 50).Draw(t, "size")})
		}
		all := places(sites, n)
		next, site := 0, 0
		for _, p := range all {
			if p.from != next || p.firstSite != site {
				t.Fatalf("a kind of site begins with device %d and site %d, want %d and %d", p.from, p.firstSite, next, site)
			}
			for d := p.from; d < p.to; d++ {
				if s := p.site(d); s < site || s > site+p.count()-1 {
					t.Fatalf("device %d is at site %d, want one of the %d from %d on", d, s, p.count(), site)
				}
			}
			next, site = p.to, site+p.count()
		}
		if next != n {
			t.Fatalf("%d devices have a site, want %d", next, n)
		}
	})
}

// A device is switched on in its phase: at once, at random in a time, or in its
// batch.
func TestPhases(t *testing.T) {
	c := people(t, `
devices: 1000
phases:
  - {devices: 30%, at: 1m}
  - {devices: 0.5, at: 2m, over: 10m}
  - {at: 1h, batch: 60, every: 5m}
`)
	early := 0
	for n := range c.Devices {
		at := c.starts.at(c.Seed, n)
		switch {
		case n < 300 && at != time.Minute:
			t.Fatalf("device %d is switched on at %v, want 1m", n, at)
		case n >= 300 && n < 800:
			if at < 2*time.Minute || at > 12*time.Minute {
				t.Fatalf("device %d is switched on at %v, want 2m to 12m", n, at)
			}
			count(&early, at < 7*time.Minute)
		case n >= 800 && at != time.Hour+time.Duration((n-800)/60)*5*time.Minute:
			t.Fatalf("device %d is switched on at %v", n, at)
		}
	}
	if early < 200 || early > 300 {
		t.Errorf("%d of 500 are switched on in the first half of the time, want about 250", early)
	}
}

// A part of a kind of sites is whole sites; a part of all is devices.
func TestPartsOfEvents(t *testing.T) {
	c := people(t, "devices: 4000\nsites: [{name: a, devices: 20}, {name: b, devices: 1}]\n")
	in := map[int]int{}
	for n := range c.Devices {
		if c.has(Part{Devices: 0.5, Site: "a"}, 7, n) {
			if n >= 2000 {
				t.Fatalf("device %d stands at b", n)
			}
			in[c.place(n).site(n)]++
		}
	}
	for site, devices := range in {
		if devices != 20 {
			t.Errorf("%d of the 20 devices of site %d", devices, site)
		}
	}
	if len(in) < 30 || len(in) > 70 {
		t.Errorf("%d of 100 sites, want about 50", len(in))
	}
	var all, both int
	for n := range c.Devices {
		first, second := c.has(Part{Devices: 0.3}, 1, n), c.has(Part{Devices: 0.3}, 2, n)
		count(&all, first)
		count(&both, first && second)
	}
	if all < 1100 || all > 1300 || both < 300 || both > 420 {
		t.Errorf("%d devices in a part of 30%%, %d in two; want about 1200 and 360", all, both)
	}
}

// The server gives each device the version that has been rolled out to it.
func TestEditions(t *testing.T) {
	c := people(t, `
devices: 1000
population: {profile-rule: "[--key $MA] http://h/x"}
configuration: {version: 10, settings: {Resync Periodic: 60}, per-device: {DBID_SIP_ACCOUNT: "u$MA"}, size: 500}
events:
  - {at: 1h, every: 1h, times: 2, rollout: {version: 20, devices: 40%, over: 30m, settings: {Resync Periodic: 120}}}
  - {at: 5h, firmware: {version: z, rule: "http://h/$PN-9.bin", size: 1000}}
`)
	f, err := newFiles(c)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(now time.Duration, n int) profile.Config {
		reply, outcome := f.find(now, n, &device.Request{Limit: c.model.ConfigLimit})
		if outcome != 0 {
			t.Fatal(outcome)
		}
		plain, err := c.model.Cipher.Open(nil, reply.Body, c.mac(n).String())
		if err != nil {
			t.Fatal(err)
		}
		config, err := profile.ParseConfig(plain)
		if err != nil || len(config.Bad()) > 0 || len(plain) != 500 {
			t.Fatalf("file of %d bytes with bad lines %v: %v", len(plain), config.Bad(), err)
		}
		if account, _ := config.Get("DBID_SIP_ACCOUNT"); account != "u"+c.mac(n).String() {
			t.Fatalf("device %d gets the account %q", n, account)
		}
		return config
	}
	versions := func(now time.Duration) map[string]int {
		found := map[string]int{}
		for n := range 200 {
			version, _ := ask(now, n).Get("DBID_DBASE_VERSION")
			found[version]++
		}
		return found
	}
	if v := versions(time.Hour - 1); v["10"] != 200 {
		t.Errorf("before the rollout: %v", v)
	}
	if v := versions(75 * time.Minute); v["20"] < 20 || v["20"] > 60 || v["10"]+v["20"] != 200 {
		t.Errorf("in the middle of the rollout: %v, want about 40 of version 20", v)
	}
	if v := versions(4 * time.Hour); v["21"] < 60 || v["21"] > 100 || v["20"] == 0 || v["10"] == 0 {
		t.Errorf("after both: %v, want about 80 of version 21 and some of the others", v)
	}
	last := ask(5*time.Hour, 3)
	for name, want := range map[string]string{"DBID_DBASE_VERSION": "z", "DBID_RESYNC_PERIODIC": "120", "DBID_UPGRADE_RULE": "http://h/$PN-9.bin"} {
		if got, _ := last.Get(name); got != want {
			t.Errorf("in the end %s is %q, want %q", name, got, want)
		}
	}
	if image, _ := f.find(5*time.Hour, 3, &device.Request{Job: resync.Upgrade}); image.Bytes != 1000 {
		t.Errorf("the image has %d bytes, want 1000", image.Bytes)
	}
}

// A shard's devices keep their numbers, and each device is in one shard.
func TestShards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 500).Draw(t, "devices")
		count := rapid.IntRange(1, n).Draw(t, "shards")
		seen := 0
		for index := range count {
			s := Shard{index, count}
			for i := range s.len(n) {
				if back, ok := s.index(s.number(i)); !ok || back != i {
					t.Fatalf("shard %v: its device %d is %d, which is its %d (%v)", s, i, s.number(i), back, ok)
				}
				seen++
			}
		}
		if seen != n {
			t.Fatalf("%d devices in %d shards, want %d", seen, count, n)
		}
	})
	for text, want := range map[string]bool{"0/4": true, "3/4": true, "4/4": false, "-1/4": false, "1": false, "a/b": false, "0/0": false} {
		if s, err := ParseShard(text); (err == nil) != want || want && s.String() != text {
			t.Errorf("ParseShard(%q): %v, %v", text, s, err)
		}
	}
}
