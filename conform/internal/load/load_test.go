package load_test

import (
	"net/http"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/load"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

func TestProof(t *testing.T) {
	proof.Prove(t, load.Checks(), good, fleetMutants, missMutants, stallMutants)
}

func good(t testing.TB) check.Target {
	return served(t, func(files http.Handler) http.Handler { return files })
}

// mutant is a good server with something before it that breaks it.
func mutant(broken func(files http.Handler) http.Handler) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target { return served(t, broken) }
}

func served(t testing.TB, broken func(http.Handler) http.Handler) check.Target {
	s := goodserver.New(t)
	target := s.Target()
	target.ProfileRule = "http://" + webd.Start(t, broken(webd.Files(s.Files)), nil) + goodserver.Rule
	return target
}
