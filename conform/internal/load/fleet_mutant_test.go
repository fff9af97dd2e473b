package load_test

import (
	"net/http"
	"sync/atomic"

	"provsim/conform/internal/testing/proof"
)

var fleetMutants = proof.Mutants{
	"load/1": {
		Setup: mutant(func(files http.Handler) http.Handler {
			var requests atomic.Int32
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) > 31 {
					http.Error(w, "slow down", http.StatusTooManyRequests)
					return
				}
				files.ServeHTTP(w, r)
			})
		}),
		Expected: "all phones served", Actual: "30 of 50 served, others end with http-status",
	},
}
