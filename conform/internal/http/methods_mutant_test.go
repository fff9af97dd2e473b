package http_test

import (
	"io"
	nethttp "net/http"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
)

var methodMutants = proof.Mutants{
	"http/21": {
		Setup:    method("PUT", func(w nethttp.ResponseWriter) { w.WriteHeader(nethttp.StatusCreated) }),
		Expected: "PUT and DELETE refused", Actual: "PUT is answered with status 201",
	},
	"http/21 delete": {
		Setup:    method("DELETE", func(w nethttp.ResponseWriter) { w.WriteHeader(nethttp.StatusNoContent) }),
		Expected: "PUT and DELETE refused", Actual: "DELETE is answered with status 204",
	},
	"http/22": {
		Setup:    method("POST", func(w nethttp.ResponseWriter) { io.WriteString(w, "the file") }),
		Expected: "a status from 400 to 499", Actual: "status 200, 8 bytes",
	},
	"http/23": {
		Setup:    method("TRACE", func(w nethttp.ResponseWriter) { io.WriteString(w, "TRACE / HTTP/1.1\r\nX-Mark: 7a1c\r\n") }),
		Expected: "a status from 400 to 499", Actual: "status 200 and the request itself",
	},
	"http/24": {
		Setup:    method("OPTIONS", func(w nethttp.ResponseWriter) { w.Header().Set("Allow", "GET,HEAD, PUT") }),
		Expected: "no method that writes", Actual: "Allow: GET,HEAD, PUT",
	},
	"http/24 dav": {
		Setup:    method("OPTIONS", func(w nethttp.ResponseWriter) { w.Header().Set("DAV", "1,2") }),
		Expected: "no WebDAV", Actual: "DAV: 1,2",
	},
}

// method is a mutant that does what it should not by one method.
func method(name string, does func(nethttp.ResponseWriter)) func(testing.TB) check.Target {
	return onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
		if r.Method != name {
			return false
		}
		does(w)
		return true
	})
}
