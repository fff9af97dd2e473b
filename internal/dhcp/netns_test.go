//go:build linux

package dhcp

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// wires are the two ways of clients on a host to a server, which is 10.66.0.1.
var wires = []struct {
	name string
	open func() (testWire, error)
}{
	{"interface", func() (testWire, error) { return OpenInterface("eth0") }},
	{"relay", func() (testWire, error) { return OpenRelay(RelayConfig{Server: "10.66.0.1"}) }},
}

// plug returns a bench of n clients on a host.
func plug(t *testing.T, host *namespace, open func() (testWire, error), n int) *bench {
	t.Helper()
	var wire testWire
	var err error
	host.do(func() { wire, err = open() })
	if err != nil {
		t.Fatal(err)
	}
	return newBench(t, wire, clientsOf(n))
}

// Each server hands out option 66 as an address, a name and a URL, and with it
// 67, 150 and 43; it renews the lease, and takes it back.
func TestLeasesOfRealServers(t *testing.T) {
	forEachDaemon(t, func(t *testing.T, d daemon) {
		net := newLAN(t)
		d.start(t, net.host(t, "10.66.0.1/16"), "10.66.1.0", "10.66.1.99")
		phones := net.host(t, "10.66.0.2/16")
		for _, wire := range wires {
			t.Run(wire.name, func(t *testing.T) {
				b := plug(t, phones, wire.open, len(forms))
				for i, form := range forms {
					checkLease(t, b.boot(i), form)
				}
				for i, form := range forms {
					b.tick(i)
					renewed := b.hearUntil(i, Use)
					if renewed.State != Renewing {
						t.Errorf("client %d is renewed in state %v", i, renewed.State)
					}
					checkLease(t, renewed.Reply.Lease, form)
					b.tell(i, Input{Kind: Leave})
				}
				if c := b.agent.Counts(); c.Leases != 6 || c.Unsent > 0 {
					t.Errorf("%+v, want 6 leases and nothing unsent", c)
				}
			})
		}
	})
}

// Options that need more room than a packet of 576 bytes has arrive whole. dnsmasq
// and dhcpd put some into the fields file and sname (option 52), Kea makes the
// packet larger.
func TestLargeLeasesOfRealServers(t *testing.T) {
	forEachDaemon(t, func(t *testing.T, d daemon) {
		name, times := strings.Repeat("n", 110), 40
		d.config = strings.NewReplacer(
			"c2k.xml", name,
			"01:04:0a:42:00:01", strings.Repeat(":01:04:0a:42:00:01", times)[1:],
			"01040a420001", strings.Repeat("01040a420001", times),
		).Replace(d.config)
		net := newLAN(t)
		d.start(t, net.host(t, "10.66.0.1/16"), "10.66.1.0", "10.66.1.99")
		lease := plug(t, net.host(t, "10.66.0.2/16"), wires[0].open, 1).boot(0)
		large := bytes.Repeat([]byte{1, 4, 10, 66, 0, 1}, times)
		if !bytes.Equal(lease.Offer.Bytes(43), large) || lease.Offer.Text(67) != name || lease.Option66 != forms[0] || lease.FromField {
			t.Errorf("lease %+v, want option 43 of %d bytes, 67 of %d, and 66", lease, len(large), len(name))
		}
	})
}

func checkLease(t *testing.T, got Lease, option66 string) {
	t.Helper()
	want := Lease{
		Prefix: netip.PrefixFrom(got.Addr, 16), Server: netip.MustParseAddr("10.66.0.1"),
		Option66: option66, Duration: time.Hour,
	}
	for number, value := range map[uint8]string{
		66: option66, 67: "c2k.xml", 43: "\x01\x04\x0a\x42\x00\x01", 150: "\x0a\x42\x00\x01\x0a\x42\x00\x02",
	} {
		if text := got.Offer.Text(number); text != value && strings.TrimRight(text, "\x00") != value {
			t.Errorf("option %d is %q, want %q", number, text, value)
		}
	}
	// dnsmasq says what all know: T1, T2, and itself as router and DNS server.
	if diff := cmp.Diff(want, got, sameAddrs, cmpopts.IgnoreFields(Lease{}, "Addr", "T1", "T2", "Router", "DNS", "Offer")); diff != "" {
		t.Errorf("lease (-want +got):\n%s", diff)
	}
	if !netip.MustParsePrefix("10.66.1.0/24").Contains(got.Addr) {
		t.Errorf("the address is %v, want one of the range", got.Addr)
	}
}

// Kea answers a relay agent on the agent's own port (RFC 8357), which takes no
// privilege. dnsmasq 2.90 and dhcpd 4.4 answer to port 67 all the same.
func TestRelayOnAPortOfItsOwn(t *testing.T) {
	kea := findDaemon(t, "kea-dhcp4")
	net := newLAN(t)
	kea.start(t, net.host(t, "10.66.0.1/16"), "10.66.1.0", "10.66.1.99")
	b := plug(t, net.host(t, "10.66.0.2/16"), func() (testWire, error) {
		return OpenRelay(RelayConfig{Server: "10.66.0.1", Listen: "10.66.0.2:0"})
	}, 1)
	checkLease(t, b.boot(0), forms[0])
}

// A pool of one address makes the server silent to the second client: what it
// says to the first one afterwards is the next thing that is heard.
func TestExhaustedPoolsOfRealServers(t *testing.T) {
	forEachDaemon(t, func(t *testing.T, d daemon) {
		net := newLAN(t)
		d.start(t, net.host(t, "10.66.0.1/16"), "10.66.1.1", "10.66.1.1")
		b := plug(t, net.host(t, "10.66.0.2/16"), wires[0].open, 2)
		b.boot(0)
		b.tell(1, Input{Kind: Start})
		b.tick(0)
		if i, acts := b.hear(); i != 0 || len(acts) != 1 || acts[0].Do != Use {
			t.Errorf("client %d does %+v, want client 0 to use its lease", i, acts)
		}
		if s := b.agent.Status(1); s.State != Selecting {
			t.Errorf("the second client is %v, want it to go on asking", s.State)
		}
	})
}

// A server that is stopped after its OFFER makes the client repeat its REQUEST,
// say that the server is silent, and begin again; started again, it gives a lease.
func TestRealServersThatStopAfterTheOffer(t *testing.T) {
	forEachDaemon(t, func(t *testing.T, d daemon) {
		net := newLAN(t)
		host := net.host(t, "10.66.0.1/16")
		stop := d.start(t, host, "10.66.1.0", "10.66.1.99")
		b := plug(t, net.host(t, "10.66.0.2/16"), wires[0].open, 1)
		b.tell(0, Input{Kind: Start})
		offer := b.next()
		stop()
		b.take(offer)
		var said []Action
		for len(said) == 0 {
			said = b.tick(0)
		}
		if said[0].Why != Silence || said[0].Server != offer.Server || b.now < 119*time.Second || b.now > 129*time.Second {
			t.Errorf("at %v the client does %+v, want the note that %v is silent after 4+8+16+32+64 s", b.now, said, offer.Server)
		}
		d.start(t, host, "10.66.1.0", "10.66.1.99")
		b.tick(0)
		checkLease(t, b.hearUntil(0, Use).Reply.Lease, forms[0])
	})
}

// A server that is gone for good makes the client lose its address when the
// lease ends, not sooner and not later.
func TestLeasesOfRealServersEnd(t *testing.T) {
	forEachDaemon(t, func(t *testing.T, d daemon) {
		net := newLAN(t)
		stop := d.start(t, net.host(t, "10.66.0.1/16"), "10.66.1.0", "10.66.1.99")
		b := plug(t, net.host(t, "10.66.0.2/16"), wires[0].open, 1)
		b.boot(0)
		stop()
		var said []Action
		for len(said) == 0 {
			said = b.tick(0)
		}
		if said[0].Do != Lose || said[0].Why != Expired || b.now != time.Hour {
			t.Errorf("at %v the client does %+v, want it to lose its address after an hour", b.now, said)
		}
	})
}

// A server that has lost its memory, and has given the address to somebody else
// since, refuses the renewal.
func TestRealServersRefuse(t *testing.T) {
	forEachDaemon(t, func(t *testing.T, d daemon) {
		net := newLAN(t)
		host := net.host(t, "10.66.0.1/16")
		stop := d.start(t, host, "10.66.1.1", "10.66.1.1")
		b := plug(t, net.host(t, "10.66.0.2/16"), wires[0].open, 2)
		lost := b.boot(0)
		stop()
		d.start(t, host, "10.66.1.1", "10.66.1.1")
		if taken := b.boot(1); taken.Addr != lost.Addr {
			t.Fatalf("the second client has %v, want %v", taken.Addr, lost.Addr)
		}
		b.tick(0)
		if a := b.hearUntil(0, Lose); a.Why != Refused || a.Addr != lost.Addr {
			t.Errorf("the first client does %+v, want it to lose %v by a NAK", a, lost.Addr)
		}
	})
}

// Kea gives each of many clients an address of its own, in both ways.
func TestFleetOfKea(t *testing.T) {
	kea := findDaemon(t, "kea-dhcp4")
	net := newLAN(t)
	kea.start(t, net.host(t, "10.66.0.1/16"), "10.66.1.0", "10.66.8.255")
	phones := net.host(t, "10.66.0.2/16")
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			var wire testWire
			var err error
			phones.do(func() { wire, err = w.open() })
			if err != nil {
				t.Fatal(err)
			}
			bootAll(t, wire, 1000, 10)
		})
	}
}

// Of two servers on one network the first to offer is chosen, and the other one
// is noted.
func TestSecondServer(t *testing.T) {
	good, rogue := findDaemon(t, "kea-dhcp4"), findDaemon(t, "dnsmasq")
	net := newLAN(t)
	good.start(t, net.host(t, "10.66.0.1/16"), "10.66.1.0", "10.66.1.99")
	rogue.start(t, net.host(t, "10.66.0.9/16"), "10.66.9.0", "10.66.9.99")
	b := plug(t, net.host(t, "10.66.0.2/16"), wires[0].open, 1)
	b.tell(0, Input{Kind: Start})
	first, second := b.next(), b.next()
	b.take(first)
	if _, acts := b.take(second); len(acts) != 1 || acts[0].Why != Rival || acts[0].Server != first.Server {
		t.Errorf("after %v of %v, %v of %v makes the client do %+v, want a note", first.Type, first.Server, second.Type, second.Server, acts)
	}
	if use := b.hearUntil(0, Use); use.Reply.Server != first.Server || use.Reply.Lease.Addr != first.Lease.Addr {
		t.Errorf("the lease is %+v, want the one that %v has offered first", use.Reply.Lease, first.Server)
	}
}
