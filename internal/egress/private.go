package egress

import (
	"errors"
	"fmt"
	"net/netip"
)

// ErrPublic is the cause of errors about a target that anybody can reach: a
// fleet on a server that is not its user's own is an attack.
var ErrPublic = errors.New("the address is public")

// privateNets are networks in which no third party's server is found by mistake.
var privateNets = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),      // RFC 1918
	netip.MustParsePrefix("172.16.0.0/12"),   // RFC 1918
	netip.MustParsePrefix("192.168.0.0/16"),  // RFC 1918
	netip.MustParsePrefix("100.64.0.0/10"),   // RFC 6598, behind a provider's NAT
	netip.MustParsePrefix("127.0.0.0/8"),     // RFC 1122, loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // RFC 3927, link-local
	netip.MustParsePrefix("192.0.2.0/24"),    // RFC 5737, documentation
	netip.MustParsePrefix("198.51.100.0/24"), // RFC 5737
	netip.MustParsePrefix("203.0.113.0/24"),  // RFC 5737
	netip.MustParsePrefix("198.18.0.0/15"),   // RFC 2544, benchmarks
	netip.MustParsePrefix("fc00::/7"),        // RFC 4193
	netip.MustParsePrefix("::1/128"),         // RFC 4291, loopback
	netip.MustParsePrefix("fe80::/10"),       // RFC 4291, link-local
	netip.MustParsePrefix("2001:db8::/32"),   // RFC 3849, documentation
	netip.MustParsePrefix("3fff::/20"),       // RFC 9637, documentation
}

// Private reports whether an address is of a private, shared, loopback,
// link-local, documentation or benchmarking network. An IPv4 address in the
// form of IPv6 counts as what it is.
func Private(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, net := range privateNets {
		if net.Contains(addr) {
			return true
		}
	}
	return false
}

// refuse returns the error about a target that is not private.
func refuse(host string, addr netip.Addr) error {
	where := addr.String()
	if host != where {
		where = host + " at " + where
	}
	return fmt.Errorf("target %s: %w: use a private, loopback or documentation address, or say that the server is yours", where, ErrPublic)
}
