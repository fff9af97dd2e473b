package load_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var stallMutants = proof.Mutants{
	"load/3": {
		Setup: func(t testing.TB) check.Target {
			s := goodserver.New(t)
			target := s.Target()
			target.ProfileRule = "http://" + webd.Few(t, webd.Files(s.Files), 40) + goodserver.Rule
			return target
		},
		Expected: "the phone's file", Actual: "timeout amid 50 connections",
		Also: []string{"load/4"}, // each connection counts, whatever it waits for
	},
	"load/4": {
		Setup: mutant(func(files http.Handler) http.Handler {
			var kept atomic.Int32 // those that ask by HEAD, as no earlier request does
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					kept.Add(1)
				} else if kept.Load() > 40 {
					http.Error(w, "full", http.StatusServiceUnavailable)
					return
				}
				files.ServeHTTP(w, r)
			})
		}),
		Expected: "the phone's file", Actual: "http-status amid 50 connections",
	},
}
