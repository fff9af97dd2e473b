package http_test

import (
	"bytes"
	nethttp "net/http"
	"strings"

	"provsim/conform/internal/testing/proof"
)

var syntaxMutants = proof.Mutants{
	"http/13": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			escaped := strings.Contains(r.RequestURI, "%6E")
			if escaped {
				nethttp.NotFound(w, r)
			}
			return escaped
		}),
		Expected: "the file", Actual: "status 404",
	},
	"http/14": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			whole := strings.HasPrefix(r.RequestURI, "http://")
			if whole {
				nethttp.NotFound(w, r)
			}
			return whole
		}),
		Expected: "the file", Actual: "status 404",
	},
	"http/15": {
		Setup: relayed(func(first []byte) []byte {
			return bytes.Replace(first, []byte("\r\nhost:"), []byte("\r\nunknown:"), 1)
		}),
		Expected: "the file", Actual: "status 400",
	},
	"http/15 firewall": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			strange := r.Header.Get("X-Serial") != ""
			if strange {
				nethttp.Error(w, "go away", nethttp.StatusForbidden)
			}
			return strange
		}),
		Expected: "the file", Actual: "status 403",
	},
}
