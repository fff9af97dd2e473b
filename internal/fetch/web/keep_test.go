package web_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/resync"
)

// keepingPhone is firmware that keeps connections.
var keepingPhone = &device.Personality{KeepsConnection: true, Serial: func(device.MAC) string { return "" }, Agent: func(device.Identity) string { return "" }}

// The requests of a stage share a connection, misses, uploads and the reading of a head
// included; what ends it is another stage, another server, the server, or half a body
// (PC-FILE-8).
func TestConnectionIsKeptForAStage(t *testing.T) {
	synctest.Test(t, keepForAStage) // time stands still while a socket is waited for
}

func keepForAStage(t *testing.T) {
	var opened atomic.Int32
	site := func() string {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			switch r.URL.Path {
			case "/missing":
				http.NotFound(w, r)
			case "/last":
				w.Header().Set("Connection", "close")
			case "/locked":
				if r.Header.Get("Authorization") == "" {
					w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
					w.WriteHeader(http.StatusUnauthorized)
				}
			}
			_, _ = io.WriteString(w, "a file")
		}))
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		}
		s.Start()
		t.Cleanup(s.Close)
		return s.URL
	}
	first, second := site(), site()
	client := &web.Client{}
	defer client.Close()
	mac := device.MAC{0, 4, 0xf2, 0, 0, 1}
	for _, step := range []struct {
		what, url string
		change    func(*device.Request)
		outcome   resync.Outcome
		opens     int32
	}{
		{"the first request", first + "/f", nil, resync.None, 1},
		{"a miss", first + "/missing", nil, resync.NotFound, 0},
		{"an upload", first + "/log", func(r *device.Request) { r.Method, r.Body = device.Write, func() []byte { return []byte("log") } }, resync.Sent, 0},
		{"a HEAD", first + "/f", func(r *device.Request) { r.Method = device.Head }, resync.None, 0},
		{"a challenge", first + "/locked", func(r *device.Request) { r.User, r.Password = "u", "p" }, resync.None, 0},
		{"a file whose server closes", first + "/last", nil, resync.None, 0},
		{"the request after that", first + "/f", nil, resync.None, 1},
		{"another stage", first + "/f", func(r *device.Request) { r.Agent = "application" }, resync.None, 1},
		{"the same stage", first + "/f", func(r *device.Request) { r.Agent = "application" }, resync.None, 0},
		{"another phone", first + "/f", func(r *device.Request) { r.From.MAC[5] = 2 }, resync.None, 1},
		{"another server", second + "/f", func(r *device.Request) { r.Agent = "application" }, resync.None, 1},
		{"the head of a file", second + "/f", func(r *device.Request) {
			r.Agent, r.Head, r.Enough = "application", 2, func([]byte) bool { return true }
		}, resync.None, 0},
		{"the request after half a file", second + "/f", func(r *device.Request) { r.Agent = "application" }, resync.None, 1},
		{"other firmware", second + "/f", func(r *device.Request) { r.Agent, r.By = "application", nil }, resync.None, 1},
	} {
		before := opened.Load()
		req := request(t, step.url)
		req.From.MAC, req.By, req.Agent = mac, keepingPhone, "bootROM"
		if step.change != nil {
			step.change(&req)
		}
		reply := client.Fetch(t.Context(), req)
		if opens := opened.Load() - before; reply.Outcome != step.outcome || opens != step.opens {
			t.Errorf("%s: outcome %v (%s), %d connections opened, want %v and %d", step.what, reply.Outcome, reply.Note, opens, step.outcome, step.opens)
		}
	}
}

// A connection that nothing more is asked on is closed after two seconds, and one that
// the server has closed meanwhile is opened anew, without a failure.
func TestKeptConnectionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened, ended := 0, make(chan error, 4)
		client := &web.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
			opened++
			mine, theirs := net.Pipe()
			go func() {
				server := bufio.NewReader(theirs)
				for {
					if _, err := http.ReadRequest(server); err != nil {
						ended <- err
						return
					}
					_, _ = io.WriteString(theirs, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
					if opened == 2 {
						theirs.Close()
						return
					}
				}
			}()
			return mine, nil
		}}
		ask := func() {
			req := request(t, "http://h/f")
			req.By = keepingPhone
			expect(t, client.Fetch(t.Context(), req), resync.None, "")
		}
		began := time.Now()
		ask()
		if err := <-ended; err != io.EOF || time.Since(began) != 2*time.Second {
			t.Errorf("the first connection ends after %v with %v, want 2 s and EOF", time.Since(began), err)
		}
		ask() // on the second connection, which the server closes
		ask()
		if opened != 3 {
			t.Errorf("%d connections, want 3", opened)
		}
		client.Close()
		if err := <-ended; err != io.EOF {
			t.Errorf("the last connection ends with %v", err)
		}
	})
}
