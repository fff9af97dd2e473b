package http_test

import (
	"io"
	nethttp "net/http"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var rangeMutants = proof.Mutants{
	"http/29": {
		Setup:    part("bytes=3-12", nethttp.StatusPartialContent, "bytes 3-12/99", "0123456789"),
		Expected: "the part, or the whole file", Actual: "status 206 and other bytes",
	},
	"http/29 where": {
		Setup: mutant(func(files nethttp.Handler) nethttp.Handler {
			return webd.Header(files, func(h nethttp.Header) {
				if h.Get("Content-Range") != "" {
					h.Set("Content-Range", "bytes 0-9/10")
				}
			})
		}),
		Expected: "the part, or the whole file", Actual: "Content-Range: bytes 0-9/10",
	},
	"http/29 refused": {
		Setup:    part("bytes=-5", nethttp.StatusBadRequest, "", "no"),
		Expected: "the part, or the whole file", Actual: "status 400, 2 bytes",
	},
	"http/30": {
		Setup:    part("bytes=1073741824-", nethttp.StatusPartialContent, "bytes 0-1/99", "xx"),
		Expected: "status 416", Actual: "status 206, 2 bytes",
	},
	"http/31": {
		Setup:    heedless("If-Range"),
		Expected: "status 200 and the whole file", Actual: "status 206, 10 bytes",
	},
}

// part is a mutant that answers one range in its own way.
func part(spec string, status int, where, body string) func(testing.TB) check.Target {
	return onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
		if r.Header.Get("Range") != spec || r.Header.Get("If-Range") != "" {
			return false
		}
		w.Header().Set("Content-Range", where)
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	})
}
