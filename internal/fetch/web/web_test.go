package web_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/profile"
	"provsim/resync"
)

// request asks for a URL in the way a device does.
func request(t *testing.T, address string) device.Request {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	req := device.Request{
		Target: profile.Target{Scheme: u.Scheme, Host: u.Hostname(), Port: profile.DefaultPort(u.Scheme), Path: u.RequestURI()},
		Agent:  "Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19", Limit: 1 << 20, Timeout: time.Minute,
	}
	if u.Port() != "" {
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		req.Port = uint16(port)
	}
	return req
}

// serve starts a server for one test and returns where it is.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func fetch(t *testing.T, req device.Request) device.Reply {
	t.Helper()
	return new(web.Client).Fetch(t.Context(), req)
}

// expect compares outcome and note. A failure brings no body.
func expect(t *testing.T, got device.Reply, outcome resync.Outcome, note string) {
	t.Helper()
	if got.Outcome != outcome || got.Note != note {
		t.Errorf("outcome %q, note %q\nwant    %q, note %q", got.Outcome, got.Note, outcome, note)
	}
	if !got.Outcome.Success() && got.Outcome != resync.None && got.Body != nil {
		t.Errorf("a failure brought %d bytes of body", len(got.Body))
	}
}

// FV-HTTP-2: 200 is success, 404 is not-found, all else http-status; the redirects are in
// redirect_test.go, and 401 in auth_test.go.
func TestStatusDecides(t *testing.T) {
	for _, c := range []struct {
		status  int
		outcome resync.Outcome
		note    string
	}{
		{200, resync.None, ""},
		{201, resync.HTTPStatus, "201 Created"},
		{204, resync.HTTPStatus, "204 No Content"},
		{206, resync.HTTPStatus, "206 Partial Content"},
		{300, resync.HTTPStatus, "300 Multiple Choices"},
		{303, resync.HTTPStatus, "303 See Other"},
		{304, resync.HTTPStatus, "304 Not Modified"},
		{400, resync.HTTPStatus, "400 Bad Request"},
		{401, resync.Unauthorized, "401 Unauthorized: the rule has no user and password"},
		{403, resync.HTTPStatus, "403 Forbidden"},
		{404, resync.NotFound, "404 Not Found"},
		{407, resync.HTTPStatus, "407 Proxy Authentication Required"},
		{410, resync.HTTPStatus, "410 Gone"},
		{500, resync.HTTPStatus, "500 Internal Server Error"},
		{503, resync.HTTPStatus, "503 Service Unavailable"},
		{599, resync.HTTPStatus, "599"},
		{999, resync.HTTPStatus, "999"},
	} {
		at := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
		})
		reply := fetch(t, request(t, at+"/f"))
		expect(t, reply, c.outcome, c.note)
		if failed := c.outcome != resync.None; failed && reply.Status != c.status || !failed && reply.Status != 0 {
			t.Errorf("the reply to %d has the status %d, want that of a failure and no other", c.status, reply.Status)
		}
	}
}

func TestTheWholeFileArrives(t *testing.T) {
	body := strings.Repeat("DBID_DBASE_VERSION=1\r\n\x00\xff", 5000)
	for name, handler := range map[string]http.HandlerFunc{
		"with its length": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.Write([]byte(body))
		},
		"in chunks": func(w http.ResponseWriter, r *http.Request) {
			for part := range strings.SplitSeq(body, "\n") {
				w.Write([]byte(part))
				if part != "" {
					w.Write([]byte("\n"))
				}
			}
		},
		"up to the end of the connection": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				conn.Write([]byte("HTTP/1.0 200 OK\r\n\r\n" + body))
				conn.Close()
			}
		},
		"called gzip, which it is not": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte(body))
		},
	} {
		t.Run(name, func(t *testing.T) {
			reply := fetch(t, request(t, serve(t, handler)+"/f"))
			expect(t, reply, resync.None, "")
			want := strings.TrimSuffix(body, "\n")
			if got := strings.TrimSuffix(string(reply.Body), "\n"); got != want || reply.Bytes != int64(len(reply.Body)) {
				t.Errorf("%d bytes, said to be %d; want the %d of the file", len(got), reply.Bytes, len(want))
			}
		})
	}
}

func TestAnEmptyFileIsASuccess(t *testing.T) {
	reply := fetch(t, request(t, serve(t, func(http.ResponseWriter, *http.Request) {})+"/f"))
	expect(t, reply, resync.None, "")
	if len(reply.Body) != 0 || reply.Bytes != 0 {
		t.Errorf("body %q of %d bytes, want none", reply.Body, reply.Bytes)
	}
}

func TestLimit(t *testing.T) {
	const limit = 1000
	for _, c := range []struct {
		name      string
		announced bool
		size      int
		outcome   resync.Outcome
		note      string
		bytes     int64
	}{
		{"announced, at the limit", true, 1000, resync.None, "", 1000},
		{"announced, over it", true, 1001, resync.TooLarge, "Content-Length 1001 is over the limit of 1000 bytes", 0},
		{"not announced, at the limit", false, 1000, resync.None, "", 1000},
		{"not announced, over it", false, 100_000, resync.TooLarge, "the body is over the limit of 1000 bytes", 1001},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := request(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				if c.announced {
					w.Header().Set("Content-Length", strconv.Itoa(c.size))
				} else {
					http.NewResponseController(w).Flush()
				}
				w.Write(make([]byte, c.size))
			}))
			req.Limit = limit
			reply := fetch(t, req)
			expect(t, reply, c.outcome, c.note)
			if reply.Bytes != c.bytes {
				t.Errorf("%d bytes, want %d", reply.Bytes, c.bytes)
			}
		})
	}
}

func TestHintsOnA400(t *testing.T) {
	for _, c := range []struct{ page, note string }{
		{"<html>plain nonsense</html>", "400 Bad Request"},
		{"<center>The plain HTTP request was sent to HTTPS port</center>", "400 Bad Request: the port speaks https"},
		{"Client sent an HTTP request to an HTTPS server.", "400 Bad Request: the port speaks https"},
		{"No required SSL certificate was sent", "400 Bad Request"}, // no such thing over http
		{strings.Repeat("x", 1<<20) + "sent an HTTP request to an HTTPS server", "400 Bad Request"},
	} {
		at := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Error(w, c.page, http.StatusBadRequest) })
		expect(t, fetch(t, request(t, at)), resync.HTTPStatus, c.note)
	}
}

func TestRequestsThatAreNone(t *testing.T) {
	good := request(t, "http://127.0.0.1/f")
	for _, c := range []struct {
		change func(*device.Request)
		note   string
	}{
		{func(r *device.Request) { r.Scheme = "tftp" }, `scheme "tftp", want http or https`},
		{func(r *device.Request) { r.Host = "" }, `host "", want a name or an address`},
		{func(r *device.Request) { r.Host = "a\r\nX: y" }, `host "a\r\nX: y", want a name or an address`},
		{func(r *device.Request) { r.Agent = "a\r\nX: y" }, `user agent "a\r\nX: y" holds a control byte, which no header may`},
	} {
		req := good
		c.change(&req)
		client := web.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
			t.Error("a server was contacted")
			return nil, net.ErrClosed
		}}
		expect(t, client.Fetch(t.Context(), req), resync.BadRule, c.note)
	}
}

func TestOneClientServesMany(t *testing.T) {
	at := serve(t, func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.URL.Path)) })
	var client web.Client
	for n := range 20 {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			path := "/" + strconv.Itoa(n)
			reply := client.Fetch(t.Context(), request(t, at+path))
			if string(reply.Body) != path {
				t.Errorf("got %q and %q, want %q", reply.Body, reply.Note, path)
			}
		})
	}
}
