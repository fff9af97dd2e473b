package dhcp_test

import (
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/internal/dhcp/server"
)

var leaseMutants = proof.Mutants{
	"dhcp/2": {
		Setup:    mutant(func(s *setup) { s.Faults.Silent = true }),
		Expected: "an offer of an address", Actual: "no offer",
	},
	"dhcp/2 broadcast": {
		Setup:    mutant(func(s *setup) { s.Config.Pools = []server.Pool{pool("198.51.100.255", "198.51.100.255")} }),
		Expected: "an offer of an address", Actual: "server 127.0.0.1 offers 198.51.100.255, which is the network's own or its broadcast address",
	},
	"dhcp/2 router": {
		Setup:    mutant(func(s *setup) { s.Config.Pools = []server.Pool{pool("198.51.100.1", "198.51.100.1")} }),
		Expected: "an offer of an address", Actual: "198.51.100.1, which is the router's",
	},
	"dhcp/2 link-local": {
		Setup:    mutant(func(s *setup) { s.Config.Pools = []server.Pool{pool("169.254.7.7", "169.254.7.9")} }),
		Expected: "an offer of an address", Actual: "169.254.7.7, which hosts give themselves",
	},
	"dhcp/2 experimental": {
		Setup:    mutant(func(s *setup) { s.Config.Pools = []server.Pool{pool("240.0.0.7", "240.0.0.9")} }),
		Expected: "an offer of an address", Actual: "240.0.0.7, which is no unicast address",
	},
	"dhcp/2 loopback": {
		Setup:    mutant(func(s *setup) { s.Config.Pools = []server.Pool{pool("127.0.0.1", "127.0.0.1")} }),
		Expected: "an offer of an address", Actual: "127.0.0.1, which is no unicast address",
	},
	"dhcp/6": {
		Setup:    mutant(func(s *setup) { s.Config.Duration = 10 * time.Minute }),
		Expected: "a lease as long as declared", Actual: "server 127.0.0.1 offers 10m0s, less than 1h0m0s",
	},
	"dhcp/6 declared": {
		Setup:    mutant(func(s *setup) { s.Target = func(t *check.Target) { t.DHCP.Lease = 24 * time.Hour } }),
		Expected: "a lease as long as declared", Actual: "2h0m0s, less than 24h0m0s",
	},
	"dhcp/7": {
		Setup:    mutant(func(s *setup) { s.Config.T1, s.Config.T2 = 90*time.Minute, 80*time.Minute }),
		Expected: "T1 before T2", Actual: "T1 after 1h30m0s and T2 after 1h20m0s",
	},
	"dhcp/7 never": {
		Setup:    mutant(func(s *setup) { s.Config.T1 = 3 * time.Hour }),
		Expected: "T1 before T2", Actual: "a renewal after 3h0m0s and a lease of 2h0m0s",
	},
}
