package web_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"provsim/device"
	"provsim/resync"
)

// A device that has seen enough of a file closes the connection, which is no
// failure (AC-FILE-2). Otherwise the same request brings the rest.
func TestHeadIsEnough(t *testing.T) {
	file := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	requests := 0
	site := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.URL.Path == "/announced" {
			w.Header().Set("Content-Length", strconv.Itoa(len(file)))
		}
		if r.URL.Path == "/short" {
			_, _ = w.Write(file[:50])
			return
		}
		_, _ = w.Write(file)
	})
	for _, path := range []string{"/announced", "/chunked"} {
		for _, enough := range []bool{true, false} {
			requests = 0
			req := request(t, site+path)
			req.Limit, req.Head = int64(len(file)), 112
			var seen []byte
			req.Enough = func(head []byte) bool { seen = bytes.Clone(head); return enough }
			want := file
			if enough {
				want = file[:112]
			}
			reply := fetch(t, req)
			expect(t, reply, resync.None, "")
			if !bytes.Equal(reply.Body, want) || reply.Bytes != int64(len(want)) || !bytes.Equal(seen, file[:112]) || requests != 1 {
				t.Errorf("%s, enough %v: %d bytes of body, %d counted, a head of %d, %d requests; want %d, a head of 112 and one request",
					path, enough, len(reply.Body), reply.Bytes, len(seen), requests, len(want))
			}
		}
	}
	req := request(t, site+"/short")
	req.Head, req.Enough = 112, func([]byte) bool { t.Error("a file that is shorter than its head is asked about"); return true }
	if reply := fetch(t, req); reply.Outcome != resync.None || len(reply.Body) != 50 {
		t.Errorf("a file of 50 bytes: outcome %v, %d bytes", reply.Outcome, len(reply.Body))
	}
	req = request(t, site+"/chunked")
	req.Head, req.Limit, req.Enough = 112, 1000, func([]byte) bool { return false }
	if reply := fetch(t, req); reply.Outcome != resync.TooLarge {
		t.Errorf("a file over the limit: outcome %v, want too-large", reply.Outcome)
	}
}

// A vendor's own headers follow the User-Agent, in their order.
func TestVendorHeaders(t *testing.T) {
	req := request(t, "http://prov.example/f")
	req.By = &device.Personality{Headers: []string{"Accept: */*", "Connection: close"}}
	want := "GET /f HTTP/1.1\r\nHost: prov.example\r\nUser-Agent: Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19\r\nAccept: */*\r\nConnection: close\r\n\r\n"
	if got := onTheWire(t, req); got != want {
		t.Errorf("on the wire\n%q, want\n%q", got, want)
	}
}

// A HEAD asks whether a file is there, also where a password is wanted: the answers
// have no body, whatever length they announce (RFC 9110 section 9.3.2).
func TestHead(t *testing.T) {
	var asked []string
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method)
		w.Header().Set("Content-Length", "1000")
		if _, _, ok := r.BasicAuth(); !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	req := request(t, at+"/log.txt")
	req.Method, req.User, req.Password = device.Head, "u", "p"
	expect(t, fetch(t, req), resync.None, "")
	if got := strings.Join(asked, ","); got != "HEAD,HEAD" {
		t.Errorf("the server was asked %q, want two times HEAD", got)
	}
}
