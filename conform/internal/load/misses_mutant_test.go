package load_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
)

var missMutants = proof.Mutants{
	"load/2": {
		Setup: banned(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "banned", http.StatusForbidden)
		}),
		Expected: "the phone's file, as before", Actual: "http-status after requests for files that are not there",
	},
	"load/2 silent": {
		// As by a rule of the firewall.
		Setup:    banned(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
		Expected: "the phone's file, as before", Actual: "timeout after requests for files that are not there",
	},
}

// banned is a mutant that bans after 20 misses.
func banned(refuse http.HandlerFunc) func(testing.TB) check.Target {
	return mutant(func(files http.Handler) http.Handler {
		var missing atomic.Int32
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/fv02") {
				missing.Add(1)
			}
			if missing.Load() > 20 {
				refuse(w, r)
				return
			}
			files.ServeHTTP(w, r)
		})
	})
}
