package http_test

import (
	nethttp "net/http"
	"sync/atomic"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var validatorMutants = proof.Mutants{
	"http/26": {
		Setup: mutant(func(files nethttp.Handler) nethttp.Handler {
			var requests atomic.Int32
			return webd.Header(files, func(h nethttp.Header) {
				if changed, err := nethttp.ParseTime(h.Get("Last-Modified")); err == nil {
					changed = changed.Add(time.Duration(requests.Add(1)) * time.Second)
					h.Set("Last-Modified", changed.Format(nethttp.TimeFormat))
				}
			})
		}),
		Expected: "the same Last-Modified", Actual: "another Last-Modified for the same bytes",
	},
	"http/26 future": {
		Setup:    header("Last-Modified", time.Now().Add(10*24*time.Hour).UTC().Format(nethttp.TimeFormat)),
		Expected: "not after Date", Actual: "a Last-Modified after Date",
		Also: []string{"http/28"}, // a day before is still later than the file's own date
	},
	"http/26 bare": {
		Setup:    header("ETag", "abc"),
		Expected: "a quoted ETag", Actual: "ETag: abc",
		Also: []string{"http/27"}, // the server does not know the tag again
	},
	"http/27": {
		Setup:    heedless("If-None-Match"),
		Expected: "304 without a body", Actual: "status 200",
	},
	"http/27 always": {
		Setup:    unchanged("If-None-Match"),
		Expected: "the file where it is another", Actual: "304, and status 304",
	},
	"http/28": {
		Setup:    heedless("If-Modified-Since"),
		Expected: "304 without a body", Actual: "status 200",
	},
	"http/28 always": {
		Setup:    unchanged("If-Modified-Since"),
		Expected: "the file where it is another", Actual: "304, and status 304",
	},
}

// heedless is a mutant that overlooks a field of the request.
func heedless(name string) func(testing.TB) check.Target {
	return onFile(func(_ nethttp.ResponseWriter, r *nethttp.Request) bool {
		r.Header.Del(name)
		return false
	})
}

// unchanged is a mutant that takes a condition for fulfilled without looking.
func unchanged(name string) func(testing.TB) check.Target {
	return onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
		if r.Header.Get(name) == "" {
			return false
		}
		w.WriteHeader(nethttp.StatusNotModified)
		return true
	})
}
