package dhcp_test

import (
	"net/netip"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/device"
	"provsim/internal/dhcp/server"
)

var serverMutants = proof.Mutants{
	"dhcp/8": {
		Setup:    mutant(func(s *setup) { s.Faults.Rogue = netip.MustParseAddr("203.0.113.66") }),
		Expected: "offers of the declared servers", Actual: "203.0.113.66 offers leases too",
	},
	"dhcp/8 declared": {
		Setup: mutant(func(s *setup) {
			s.second(s.Option66)
			s.Target = func(t *check.Target) { t.DHCP.Servers = []netip.Addr{netip.MustParseAddr("127.0.0.1")} }
		}),
		Expected: "offers of the declared servers", Actual: "127.0.0.2 offers leases too",
	},
	"dhcp/9": {
		Setup: mutant(func(s *setup) {
			s.second(s.Option66 + "/fv$(MAU).conf")
			s.Target = func(t *check.Target) {
				t.DHCP.Servers = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}
			}
		}),
		Expected: "one option 66", Actual: "servers 127.0.0.1 and 127.0.0.2 offer different ones",
	},
	"dhcp/10": {
		Setup: mutant(func(s *setup) {
			s.private()
			s.Config.Pools[0].Options.Option66 = s.Option66
		}),
		Expected: "no option 66 for other clients", Actual: `server 127.0.0.1 offers it to a client of class "MSFT 5.0"`,
	},
}

// second adds a DHCP server with an option 66 of its own for the first phone.
func (s *setup) second(option66 string) {
	s.Second = server.Config{
		ID: netip.MustParseAddr("127.0.0.2"), Duration: 2 * time.Hour,
		Pools: []server.Pool{pool("198.51.100.110", "198.51.100.199")},
		Hosts: map[device.MAC]server.Options{s.Phones[0].MAC: {Option66: option66}},
	}
}
