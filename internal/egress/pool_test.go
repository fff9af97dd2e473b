package egress_test

import (
	"math"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"provsim/internal/egress"
)

func pool(t *testing.T, texts ...string) *egress.Pool {
	t.Helper()
	p, err := egress.ParsePool(texts...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDevicesHaveAddressesOfTheirOwn(t *testing.T) {
	p := pool(t, "127.1.0.0/30, 10.0.0.9", "2001:db8::/126", "127.2.0.0/31")
	if p.Len() != 9 {
		t.Errorf("%d addresses, want 2 + 1 + 4 + 2", p.Len())
	}
	for _, c := range []struct {
		device int
		ipv6   bool
		want   string
	}{
		{0, false, "127.1.0.1"}, {1, false, "127.1.0.2"}, // not 127.1.0.0 and 127.1.0.3
		{2, false, "10.0.0.9"},
		{3, false, "127.2.0.0"}, {4, false, "127.2.0.1"}, // both hosts of a /31 (RFC 3021)
		{5, false, "127.1.0.1"}, {4711, false, "127.1.0.2"},
		{0, true, "2001:db8::"}, {3, true, "2001:db8::3"}, {4, true, "2001:db8::"},
	} {
		got, ok := p.For(c.device, c.ipv6)
		if !ok || got != netip.MustParseAddr(c.want) {
			t.Errorf("device %d, IPv6 %v: %v, want %s", c.device, c.ipv6, got, c.want)
		}
	}
	if addr, ok := pool(t, "10.0.0.1").For(0, true); ok {
		t.Errorf("%v for IPv6 from a pool of IPv4", addr)
	}
}

func TestLargePools(t *testing.T) {
	p := pool(t, "2001:db8::/32", "fd00::/8", "10.0.0.0/8")
	if p.Len() != math.MaxInt {
		t.Errorf("%d addresses, want as many as an int holds", p.Len())
	}
	if addr, _ := p.For(300, true); addr != netip.MustParseAddr("2001:db8::12c") {
		t.Errorf("device 300 is %v", addr)
	}
	if addr, _ := p.For(65535, false); addr != netip.MustParseAddr("10.1.0.0") {
		t.Errorf("device 65535 is %v", addr)
	}
}

// As long as there are addresses, no two devices have the same, and all are of
// the network.
func TestAddressesAreApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := netip.PrefixFrom(netip.MustParseAddr("10.64.0.0"), rapid.IntRange(10, 32).Draw(t, "bits")).Masked()
		p, err := egress.ParsePool(net.String())
		if err != nil {
			t.Fatal(err)
		}
		a, b := rapid.IntRange(0, p.Len()-1).Draw(t, "a"), rapid.IntRange(0, p.Len()-1).Draw(t, "b")
		first, _ := p.For(a, false)
		second, _ := p.For(b, false)
		if !net.Contains(first) || (first == second) != (a == b) {
			t.Fatalf("devices %d and %d of %v have %v and %v", a, b, net, first, second)
		}
	})
}

func TestPoolsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"":               "does not parse",
		"10.0.0.1,":      "does not parse",
		"10.0.0.0/33":    "does not parse",
		"lab.example":    "does not parse",
		"fe80::1%eth0":   "does not parse",
		"10.0.0.1/24":    "10.0.0.0/24 has not",
		"224.0.0.0/8":    "no host",
		"0.0.0.0":        "no host",
		"::":             "no host",
		"ff02::1":        "no host",
		"10.0.0.1-10.9.": "does not parse",
	} {
		_, err := egress.ParsePool(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "want") {
			t.Errorf("%q: error %v, want it to say %q", text, err, want)
		}
	}
	if _, err := egress.ParsePool(); err == nil {
		t.Error("no error without a text")
	}
}

func FuzzParsePool(f *testing.F) {
	for _, seed := range []string{"127.0.0.0/8", "10.0.0.1,10.0.0.2", "::/0", "0.0.0.0/0", "2001:db8::/64", "::ffff:10.0.0.1"} {
		f.Add(seed, 7)
	}
	f.Fuzz(func(t *testing.T, text string, device int) {
		p, err := egress.ParsePool(text)
		if err != nil {
			return
		}
		if device < 0 {
			device = 0
		}
		v4, four := p.For(device, false)
		v6, six := p.For(device, true)
		if !four && !six || four && !v4.Is4() || six && !v6.Is6() || p.Len() < 1 {
			t.Errorf("%q: %d addresses, device %d has %v and %v", text, p.Len(), device, v4, v6)
		}
	})
}

func TestCheckNamesTheAddressThatIsMissing(t *testing.T) {
	if err := pool(t, "127.3.0.0/24").Check(1000); err != nil {
		t.Errorf("loopback addresses: %v", err)
	}
	missing := pool(t, "127.0.0.1", "192.0.2.77")
	if err := missing.Check(1); err != nil {
		t.Errorf("the first device's address is there: %v", err)
	}
	err := missing.Check(2)
	if err == nil || !strings.Contains(err.Error(), "192.0.2.77") || !strings.Contains(err.Error(), "ip route add local 192.0.2.0/24") {
		t.Errorf("error %v, want the address and what to do", err)
	}
}
