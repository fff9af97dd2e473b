package http_test

import (
	"bytes"
	"fmt"
	nethttp "net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
)

var cachingMutants = proof.Mutants{
	"http/25": {
		Setup:    header("Cache-Control", ""),
		Expected: "Cache-Control: no-store", Actual: "no Cache-Control",
	},
	"http/25 public": {
		Setup:    header("Cache-Control", "public, max-age=3600"),
		Expected: "Cache-Control: no-store", Actual: "Cache-Control: public, max-age=3600",
	},
	// As large systems write it: the comment has another length each time, and
	// nothing else may fail.
	"http/38": {
		Setup: remade(func(body []byte, n int64) []byte {
			return fmt.Appendf(nil, "# made at %.*f\n%s", n%4, float64(n), body)
		}),
		Expected: "the same bytes", Actual: "other comments, the same settings",
	},
	// As a program that encrypts for each request with a new salt.
	"http/38 salt": {
		Setup: remade(func(body []byte, n int64) []byte {
			return fmt.Appendf(nil, "Salted__%08d%s", n, bytes.Map(func(r rune) rune { return r ^ rune(n%7) }, body))
		}),
		Expected: "the same bytes", Actual: "other bytes, not only in comments",
	},
}

// remade is a good server that makes the phones' files anew for each request, with
// no header by which a client could see that two answers are the same.
func remade(make func(body []byte, request int64) []byte) func(testing.TB) check.Target {
	return mutant(func(files nethttp.Handler) nethttp.Handler {
		var requests atomic.Int64
		return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
			if !isConfig(r) || r.Method != nethttp.MethodGet && r.Method != nethttp.MethodHead {
				files.ServeHTTP(w, r)
				return
			}
			plain := httptest.NewRequest(nethttp.MethodGet, r.URL.Path, nil)
			got := httptest.NewRecorder()
			files.ServeHTTP(got, plain)
			if got.Code != nethttp.StatusOK {
				files.ServeHTTP(w, r)
				return
			}
			body := make(got.Body.Bytes(), requests.Add(1))
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			w.Write(body)
		})
	})
}
