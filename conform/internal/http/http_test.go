package http_test

import (
	nethttp "net/http"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/http"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

func TestProof(t *testing.T) {
	proof.Prove(t, http.Checks(), good,
		statusMutants, transferMutants, connectionMutants, versionMutants, syntaxMutants, paceMutants, pathMutants,
		methodMutants, cachingMutants, validatorMutants, rangeMutants, accessMutants, disclosureMutants, garbageMutants)
}

func good(t testing.TB) check.Target {
	return served(t, func(files nethttp.Handler) nethttp.Handler { return files })
}

// mutant is a good server with something before it that breaks it.
func mutant(broken func(files nethttp.Handler) nethttp.Handler) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target { return served(t, broken) }
}

// onFile is a mutant that goes wrong where broken says so of a request, and is
// good otherwise.
func onFile(broken func(w nethttp.ResponseWriter, r *nethttp.Request) bool) func(testing.TB) check.Target {
	return mutant(func(files nethttp.Handler) nethttp.Handler {
		return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
			if !broken(w, r) {
				files.ServeHTTP(w, r)
			}
		})
	})
}

// header is a mutant that sends a field, or, where the value is empty, does not.
func header(name, value string) func(testing.TB) check.Target {
	return mutant(func(files nethttp.Handler) nethttp.Handler {
		return webd.Header(files, func(h nethttp.Header) {
			h.Del(name)
			if value != "" {
				h.Set(name, value)
			}
		})
	})
}

func served(t testing.TB, broken func(nethttp.Handler) nethttp.Handler) check.Target {
	s := goodserver.New(t)
	target := s.Target()
	target.Policy.Access = check.Open
	target.ProfileRule = "http://" + webd.Start(t, broken(webd.Files(s.Files)), nil) + goodserver.Rule
	return target
}
