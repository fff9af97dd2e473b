package files_test

import (
	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
)

var servedMutants = proof.Mutants{
	"files/1": {
		Setup:    mutant(func(s *setup) { delete(s.Files, s.path(1)) }),
		Expected: "a configuration for each phone", Actual: "0021f2011b1a: not-found",
	},
	"files/1 page": {
		Setup: mutant(func(s *setup) {
			s.open(func(*check.Target) {})
			s.Files[s.path(1)] = []byte("<html>moved</html>\n")
		}),
		Expected: "a configuration for each phone", Actual: "0021f2011b1a: corrupt",
	},
	"files/1 key": {
		Setup:    mutant(func(s *setup) { s.Key = "another one of nobody" }),
		Expected: "a configuration for each phone", Actual: "0021f2011b19: bad-key; 0021f2011b1a: bad-key",
	},
	"files/2": {
		Setup:    mutant(func(s *setup) { s.Files[lower(s.Phones[1].MAC)] = s.seal(s.Files[s.path(0)]) }),
		Expected: "one file for each address", Actual: "/fv0021F2011B1A.conf and /fv0021f2011b1a.conf are two files",
	},
	"files/2 only": {
		Setup: mutant(func(s *setup) {
			s.Files[lower(s.Phones[1].MAC)] = s.seal(s.Files[s.path(1)])
			delete(s.Files, s.path(1))
		}),
		Expected: "one file for each address", Actual: "the server has /fv0021f2011b1a.conf, the phone asks for /fv0021F2011B1A.conf",
		Also: []string{"files/1"}, // the phone has no file
	},
}
