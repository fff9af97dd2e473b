package files_test

import "provsim/conform/internal/testing/proof"

var previousMutants = proof.Mutants{
	"files/11": {
		Setup:    mutant(func(s *setup) { s.edit(1, "VERSION=1\n", "VERSION=0\n") }),
		Expected: "another version than before", Actual: `0021f2011b1a: DBID_SIP_DIS_NAME differs from the earlier file, version "0" is the same`,
	},
}
