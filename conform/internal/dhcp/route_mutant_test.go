package dhcp_test

import (
	"net/netip"
	"strings"

	"provsim/conform/internal/testing/proof"
)

var routeMutants = proof.Mutants{
	"dhcp/11": {
		Setup: mutant(func(s *setup) {
			s.Option66 = strings.Replace(s.Option66, "127.0.0.1", "localhost", 1)
			s.Config.Pools[0].DNS = nil
		}),
		Expected: "option 6 beside a name", Actual: "server 127.0.0.1 offers a name and no DNS server",
	},
	"dhcp/12": {
		Setup:    mutant(func(s *setup) { s.Config.Pools[0].Router = netip.Addr{} }),
		Expected: "a router, or a server in the phone's own network", Actual: "the network 198.51.100.0/24, option 66 outside of it and no router",
	},
	"dhcp/13": {
		Setup:    mutant(func(s *setup) { s.Option150 = []netip.Addr{netip.MustParseAddr("192.0.2.9")} }),
		Expected: "the address of option 66 in option 150", Actual: "server 127.0.0.1 offers option 150 without it",
	},
}
