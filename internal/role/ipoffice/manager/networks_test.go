package manager

import (
	"net"
	"net/netip"
	"testing"
)

// MGR-12: the addresses of the machine are read once, at the start, and count from then
// on, whatever addresses the machine has later.
func TestNetworksAreReadOnce(t *testing.T) {
	t.Parallel()
	reads := 0
	o := Options{Warn: func(string) {}, addrs: func() ([]net.Addr, error) {
		reads++
		return []net.Addr{&net.IPNet{IP: net.IPv4(10, 0, byte(reads), 1), Mask: net.CIDRMask(24, 32)}}, nil
	}}
	o.Networks()
	for range 2 {
		if _, err := Discover(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if !o.near(netip.MustParseAddr("10.0.1.9")) || !o.isBroadcast(netip.MustParseAddr("10.0.1.255")) || o.near(netip.MustParseAddr("10.0.2.9")) || reads != 1 {
		t.Errorf("the addresses were read %d times, the networks are %v, want those of the first time", reads, o.Networks())
	}
}
