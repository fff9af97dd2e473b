package http_test

import (
	"io"
	nethttp "net/http"
	"strings"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var statusMutants = proof.Mutants{
	"http/1": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/fv02") {
				return false
			}
			nethttp.Redirect(w, r, "/login", nethttp.StatusFound)
			return true
		}),
		Expected: "status 404", Actual: "status 302, 29 bytes, to /login",
	},
	"http/1 page": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/fv02") {
				return false
			}
			io.WriteString(w, "<html>Welcome")
			return true
		}),
		Expected: "status 404", Actual: "status 200, 13 bytes",
	},
	// It knows phones by their vendor, and answers those whose User-Agent is their own.
	"http/1 vendor": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/fv0021F2") || strings.HasPrefix(r.URL.Path, "/fv0021F2011B") ||
				addressIn(r.UserAgent()) != addressIn(r.URL.Path) {
				return false
			}
			io.WriteString(w, "DBID_DBASE_VERSION=1\n")
			return true
		}),
		Expected: "status 404", Actual: "status 200, 21 bytes",
	},
	"http/2": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if !isConfig(r) {
				return false
			}
			nethttp.Error(w, "maintenance", nethttp.StatusServiceUnavailable)
			return true
		}),
		Expected: "status 200 and the whole file", Actual: "status 503",
	},
	"http/2 cut": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if isConfig(r) {
				webd.Raw(w, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nDBID_DBASE")
			}
			return isConfig(r)
		}),
		Expected: "the whole file", Actual: "cut short (unexpected EOF)",
	},
	"http/2 empty": {
		Setup:    framed("Content-Length: 0\r\n\r\n"),
		Expected: "the whole file", Actual: "status 200 and nothing",
	},
	"http/2 loop": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if isConfig(r) {
				nethttp.Redirect(w, r, r.URL.Path, nethttp.StatusFound)
			}
			return isConfig(r)
		}),
		Expected: "status 200 and the whole file", Actual: "where the phone ends with http-status",
		Also: []string{"http/7"},
	},
	"http/7": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if isConfig(r) {
				nethttp.Redirect(w, r, "/moved"+r.URL.Path, nethttp.StatusMovedPermanently)
				return true
			}
			r.URL.Path = strings.TrimPrefix(r.URL.Path, "/moved")
			return false
		}),
		Expected: "the file", Actual: "to /moved/fv0021F2011B19.conf",
	},
}

// isConfig reports whether a request is for a phone's file.
func isConfig(r *nethttp.Request) bool { return strings.HasPrefix(r.URL.Path, "/fv0021F2011B") }
