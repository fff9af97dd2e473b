package dhcp_test

import (
	"net/netip"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
)

var option66Mutants = proof.Mutants{
	"dhcp/1": {
		Setup:    mutant(func(s *setup) { s.Option66 = "" }),
		Expected: "an offer with option 66", Actual: "server 127.0.0.1 offers a lease without it",
	},
	"dhcp/1 other": {
		Setup: mutant(func(s *setup) {
			s.Option66, s.Option150 = "", []netip.Addr{netip.MustParseAddr("192.0.2.9")}
		}),
		Expected: "an offer with option 66", Actual: "a lease without it; the lease has option 150 with 192.0.2.9",
	},
	"dhcp/3": {
		Setup:    mutant(func(s *setup) { s.Option66 = "ftp://192.0.2.1/" }),
		Expected: "an address, a name, or a URL", Actual: "server 127.0.0.1 offers a value that phones do not take",
	},
	"dhcp/4": {
		Setup:    mutant(func(s *setup) { s.Option66 = "127.0.0.1:1" }),
		Expected: "an answer from the server", Actual: "timeout",
	},
	"dhcp/5": {
		Setup:    mutant(func(s *setup) { s.Target = func(t *check.Target) { t.ConfigFileName = "" } }),
		Expected: "a configuration", Actual: "not-found",
	},
}
