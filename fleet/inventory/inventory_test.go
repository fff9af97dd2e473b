package inventory

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"provsim/device"
	"provsim/fleet/scenario"
)

func people(t *testing.T, text string) *Inventory {
	t.Helper()
	s, err := scenario.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(s, Shard{})
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
	for n := range c.Len() {
		if got := c.Index(c.MAC(n)); got != n {
			t.Fatalf("device %d has %v, which is found as %d", n, c.MAC(n), got)
		}
		addr := c.Lease(n).Addr
		if leases[addr] || !network.Contains(addr) {
			t.Fatalf("device %d has the lease %v: twice, or not of the network", n, addr)
		}
		leases[addr] = true
	}
	id := c.Identity(256)
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
	for n := range c.Len() {
		isB := c.Product(n).Name == "B"
		memory := c.Stored(n)
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
	if got := c.Period(); got != time.Minute {
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
		var sites []scenario.Site
		for range rapid.IntRange(1, 4).Draw(t, "kinds") {
			sites = append(sites, scenario.Site{Weight: rapid.Float64Range(0.01, 10).Draw(t, "weight"), Devices: rapid.IntRange(1, 50).Draw(t, "size")})
		}
		all := placesOf(sites, n)
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
	for n := range c.Len() {
		at := c.Start(n)
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
	for n := range c.Len() {
		if c.Has(scenario.Part{Devices: 0.5, Site: "a"}, 7, n) {
			if n >= 2000 {
				t.Fatalf("device %d stands at b", n)
			}
			_, site := c.Site(n)
			in[site]++
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
	for n := range c.Len() {
		first, second := c.Has(scenario.Part{Devices: 0.3}, 1, n), c.Has(scenario.Part{Devices: 0.3}, 2, n)
		count(&all, first)
		count(&both, first && second)
	}
	if all < 1100 || all > 1300 || both < 300 || both > 420 {
		t.Errorf("%d devices in a part of 30%%, %d in two; want about 1200 and 360", all, both)
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
			for i := range s.Len(n) {
				if back, ok := s.IndexOf(s.Number(i)); !ok || back != i {
					t.Fatalf("shard %v: its device %d is %d, which is its %d (%v)", s, i, s.Number(i), back, ok)
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
