package http_test

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/http"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/webd"
	"provsim/device"
)

// A server that does its worst ends in findings: no check panics, and none
// outlives its time.
func TestHostileServersEndInFindings(t *testing.T) {
	for name, way := range webd.Hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := check.Target{
				ProfileRule: "http://" + webd.Treat(t, way) + goodserver.Rule,
				Phones:      []check.Phone{{MAC: device.MAC{0, 0x21, 0xf2, 1, 0x1b, 0x19}}},
			}
			// On a busy machine a check may run out of patience before it finds anything.
			var report *conform.Report
			for _, patience := range []time.Duration{20 * time.Millisecond, 200 * time.Millisecond, 2 * time.Second} {
				var err error
				report, err = conform.Examine(t.Context(), target, conform.Options{
					Checks: http.Checks(), Patience: patience, Allow: check.Allow{Destructive: true},
				})
				if err != nil {
					t.Fatal(err)
				}
				if !report.OK() {
					break
				}
			}
			if report.OK() {
				t.Error("nothing was found wrong")
			}
			for _, r := range report.Results {
				if strings.Contains(r.Detail, "panicked") || strings.Contains(r.Detail, "did not end") {
					t.Errorf("%s: %s", r.Check.ID, r.Detail)
				}
				if strings.Contains(r.Expected+r.Actual+r.Detail, "\x1b") {
					t.Errorf("%s: control characters in a text: %q", r.Check.ID, r.Actual)
				}
			}
		})
	}
}

// FuzzAnswer reads anything as the answer to a request.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"HTTP/1.0 200 OK\r\n\r\nabc",
		"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",
		"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\", Basic realm=\"c\"\r\n\r\n",
		"HTTP/1.1 206 Part\r\nContent-Range: bytes 0-2/3\r\nContent-Length: -1\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
	} {
		f.Add([]byte(seed))
	}
	target := check.Target{ProfileRule: "http://127.0.0.1:9/", Phones: []check.Phone{{MAC: device.MAC{0, 0x21, 0xf2, 1, 0x1b, 0x19}}}}
	probe, err := check.NewProbe(&target, check.Settings{Patience: time.Minute})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		ours, theirs := net.Pipe()
		go func() {
			theirs.Write(answer)
			theirs.Close()
		}()
		defer ours.Close()
		got, err := probe.Read(t.Context(), ours, "GET / HTTP/1.1")
		if err != nil {
			return
		}
		if !bytes.HasPrefix(answer, []byte("HTTP/")) {
			t.Errorf("an answer %v out of %q", got, answer)
		}
		if got.Cut == nil && got.Length >= 0 && int64(len(got.Body)) != got.Length {
			t.Errorf("%d bytes of %d, and not cut", len(got.Body), got.Length)
		}
		if len(got.Body) > len(answer) {
			t.Errorf("%d bytes out of %d", len(got.Body), len(answer))
		}
	})
}
