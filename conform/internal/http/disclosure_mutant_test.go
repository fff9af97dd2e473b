package http_test

import (
	"io"
	nethttp "net/http"
	"strings"
	"time"

	"provsim/conform/internal/testing/proof"
)

var disclosureMutants = proof.Mutants{
	"http/34": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			browser := strings.HasPrefix(r.UserAgent(), "Mozilla/")
			if browser {
				nethttp.Error(w, "phones only", nethttp.StatusForbidden)
			}
			return browser
		}),
		Expected: "the phone's answer", Actual: "status 403, 12 bytes for a browser",
	},
	"http/34 another": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			tool := strings.HasPrefix(r.UserAgent(), "curl/")
			if tool {
				io.WriteString(w, "hello")
			}
			return tool
		}),
		Expected: "the phone's answer", Actual: "another file for a tool",
	},
	"http/35": {
		Setup:    header("Server", "nginx/1.22.1"),
		Expected: "no version", Actual: "Server: nginx/1.22.1",
	},
	"http/36": {
		Setup:    header("Date", time.Now().Add(10*24*time.Hour).UTC().Format(nethttp.TimeFormat)),
		Expected: "the time as Date", Actual: "a clock that is wrong by 10 days",
	},
}
