package http_test

import (
	"bytes"
	"fmt"
	nethttp "net/http"
	"strings"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var versionMutants = proof.Mutants{
	"http/10": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if r.ProtoAtLeast(1, 1) {
				return false
			}
			nethttp.Error(w, "upgrade", nethttp.StatusUpgradeRequired)
			return true
		}),
		Expected: "the file", Actual: "status 426",
	},
	"http/11": {
		Setup: old(func(w nethttp.ResponseWriter, text string) {
			head, body, _ := strings.Cut(text, "\r\n\r\n")
			head = strings.Replace(head, "Content-Length", "X-Length", 1)
			webd.Raw(w, fmt.Sprintf("%s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", head, len(body), body))
		}),
		Expected: "no Transfer-Encoding", Actual: "Transfer-Encoding: chunked",
	},
	"http/11 open": {
		Setup:    old(webd.Hold),
		Expected: "the end of the connection", Actual: "the connection stays open",
	},
	"http/12": {
		Setup: relayed(func(first []byte) []byte {
			if bytes.Contains(first, []byte("HTTP/1.1")) && !bytes.Contains(bytes.ToLower(first), []byte("\r\nhost:")) {
				return bytes.Replace(first, []byte("\r\n"), []byte("\r\nHost: any\r\n"), 1)
			}
			return first
		}),
		Expected: "status 400", Actual: "status 200",
	},
}

// old is a mutant that answers HTTP/1.0 in its own way.
func old(answer func(w nethttp.ResponseWriter, text string)) func(testing.TB) check.Target {
	return mutant(func(files nethttp.Handler) nethttp.Handler {
		return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
			if r.ProtoAtLeast(1, 1) {
				files.ServeHTTP(w, r)
				return
			}
			answer(w, webd.Text(files, r))
		})
	})
}

// relayed is a good server behind a relay that edits requests.
func relayed(edit func(first []byte) []byte) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target {
		target := good(t)
		server := strings.TrimSuffix(strings.TrimPrefix(target.ProfileRule, "http://"), goodserver.Rule)
		target.ProfileRule = "http://" + webd.Front(t, server, edit) + goodserver.Rule
		return target
	}
}
