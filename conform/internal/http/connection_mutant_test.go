package http_test

import (
	nethttp "net/http"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var connectionMutants = proof.Mutants{
	"http/8": {
		// It closes the connection after each answer and does not say so.
		Setup: mutant(func(files nethttp.Handler) nethttp.Handler {
			return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				webd.Raw(w, webd.Text(files, r))
			})
		}),
		Expected: "the file", Actual: "no answer: unexpected EOF",
	},
	"http/9": {
		Setup: mutant(func(files nethttp.Handler) nethttp.Handler {
			return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				if r.Close && r.ProtoAtLeast(1, 1) {
					webd.Hold(w, webd.Text(files, r))
					return
				}
				files.ServeHTTP(w, r)
			})
		}),
		Expected: "the end of the connection", Actual: "the connection stays open",
	},
}
