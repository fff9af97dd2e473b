package files_test

import "provsim/conform/internal/testing/proof"

var accountMutants = proof.Mutants{
	"files/30": {
		Setup:    edited("ACCOUNT=72726", "ACCOUNT=72725"),
		Expected: "accounts of their own", Actual: `0021f2011b19 and 0021f2011b1a have account "72725"`,
	},
	"files/31": {
		Setup:    edited("DBID_SIP_ENABLE=1\t0\t0\t0", "DBID_SIP_ENABLE=1\t1\t0\t0"),
		Expected: "account, password and server", Actual: "0021f2011b1a: line 2 is on and has no account",
	},
	"files/31 password": {
		Setup:    edited("PASSWORD=sample-72726", "PASSWORD="),
		Expected: "account, password and server", Actual: "0021f2011b1a: line 1 is on and has no password",
	},
	"files/31 server": {
		Setup:    edited("DBID_WEB_SIP_SERVER=192.0.2.10", "DBID_WEB_SIP_SERVER="),
		Expected: "account, password and server", Actual: "0021f2011b1a: line 1 is on and there is no SIP server",
	},
	"files/32": {
		Setup: mutant(func(s *setup) {
			for i := range s.Phones {
				s.add(i, "DBID_FIXED_IP_ADDR=192.0.2.207\n")
			}
		}),
		Expected: "addresses of their own", Actual: "0021f2011b19 and 0021f2011b1a have 192.0.2.207",
	},
}
