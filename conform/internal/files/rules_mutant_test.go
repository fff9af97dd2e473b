package files_test

import (
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
)

var ruleMutants = proof.Mutants{
	"files/13": {
		Setup:    added("DBID_PROFILE_RULE=htp://192.0.2.1/x\n"),
		Expected: "rules that the phone can read", Actual: "0021f2011b1a: DBID_PROFILE_RULE in line 15",
	},
	"files/14": {
		Setup:    edited("OPTION66_ENABLED=0", "OPTION66_ENABLED=1"),
		Expected: "a way to the server after the reboot", Actual: "0021f2011b1a: Option 66 is turned on",
	},
	"files/14 off": {
		Setup:    mutant((*setup).byOption66),
		Expected: "a way to the server after the reboot", Actual: "0021f2011b19: Option 66 is turned off, and there is no Profile Rule",
	},
	"files/15": {
		Setup: mutant(func(s *setup) {
			s.byOption66()
			for i := range s.Phones {
				s.edit(i, "DBID_PRV_OPTION66_ENABLED=0", "DBID_PROFILE_RULE="+s.Server+goodserver.Rule)
			}
		}),
		Expected: "no Profile Rule, or Option 66 off", Actual: "0021f2011b1a: a Profile Rule, and Option 66 stays on",
	},
	"files/16": {
		Setup:    mutant(func(s *setup) { s.lead("[--key 'mistyped by somebody']", goodserver.Rule) }),
		Expected: "a configuration where the new rule leads", Actual: "/fv0021F2011B1A.conf: bad-key",
	},
	"files/16 missing": {
		Setup:    mutant(func(s *setup) { s.lead("[--key '"+key+"']", "/new$(MAU).conf") }),
		Expected: "a configuration where the new rule leads", Actual: "/new0021F2011B1A.conf: not-found",
		Also: []string{"files/17"}, // it is another place
	},
	"files/17": {
		Setup: mutant(func(s *setup) {
			s.lead("[--key '"+key+"']", "/new$(MAU).conf")
			s.Files["/new"+s.path(1)[len("/fv"):]] = s.seal(s.Files[s.path(0)])
		}),
		Expected: "the place where the phone got the file", Actual: "/new0021F2011B1A.conf",
	},
}
