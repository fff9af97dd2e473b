package web_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/profile"
	"provsim/resync"
)

// onTheWire returns what a server gets before it answers 404.
func onTheWire(t interface {
	Fatal(...any)
	Context() context.Context
}, req device.Request) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan string, 1)
	go func() {
		var all strings.Builder
		defer func() { got <- all.String() }()
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for r := bufio.NewReader(conn); ; {
			line, err := r.ReadString('\n')
			all.WriteString(line)
			if err != nil || line == "\r\n" {
				break
			}
		}
		conn.Write([]byte("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
	}()
	address := listener.Addr().String()
	client := web.Client{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	if reply := client.Fetch(t.Context(), req); reply.Outcome != resync.NotFound {
		t.Fatal(reply.Outcome, reply.Note)
	}
	return <-got
}

func TestNothingIsAddedToTheRequest(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1/")
	for _, c := range []struct{ url, want string }{
		{"http://prov.example/f?a=b", "GET /f?a=b HTTP/1.1\r\nHost: prov.example\r\nUser-Agent: Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19\r\n\r\n"},
		{"http://prov.example:8080/", "GET / HTTP/1.1\r\nHost: prov.example:8080\r\nUser-Agent: Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19\r\n\r\n"},
		{"http://[2001:db8::1]/f", "GET /f HTTP/1.1\r\nHost: [2001:db8::1]\r\nUser-Agent: Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19\r\n\r\n"},
		{"http://[2001:db8::1]:81/f", "GET /f HTTP/1.1\r\nHost: [2001:db8::1]:81\r\nUser-Agent: Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19\r\n\r\n"},
	} {
		if got := onTheWire(t, request(t, c.url)); got != c.want {
			t.Errorf("%s: on the wire\n%q, want\n%q", c.url, got, c.want)
		}
	}
	req := request(t, "http://prov.example/f")
	req.Agent = ""
	if got, want := onTheWire(t, req), "GET /f HTTP/1.1\r\nHost: prov.example\r\n\r\n"; got != want {
		t.Errorf("without an agent: on the wire\n%q, want\n%q", got, want)
	}
}

func TestThePathGoesAsItIs(t *testing.T) {
	for path, want := range map[string]string{
		"":                       "/",
		"/":                      "/",
		"no-slash":               "/no-slash",
		"?q":                     "/?q",
		"//two/slashes":          "//two/slashes",
		"/a/../b/./c":            "/a/../b/./c",
		"/a b":                   "/a%20b",
		"/a%20b%2F%zz%":          "/a%20b%2F%zz%",
		"/ü?ü":                   "/%C3%BC?%C3%BC",
		"/\xff":                  "/%FF",
		"/a\r\nX-Evil: 1":        "/a%0D%0AX-Evil:%201",
		"/a\x00\x7f\t":           "/a%00%7F%09",
		"/a?x=1&y=a+b;c='\"<>{}": "/a?x=1&y=a+b;c='\"<>{}",
		"/a#b":                   "/a%23b",
		"/[x]|^`\\":              "/[x]|^`\\",
	} {
		req := request(t, "http://prov.example/")
		req.Path = path
		line, _, _ := strings.Cut(onTheWire(t, req), "\r\n")
		if line != "GET "+want+" HTTP/1.1" {
			t.Errorf("path %q: request line %q, want the target %q", path, line, want)
		}
	}
}

// Whatever the path, one well-formed request reaches the server.
func TestNoPathBreaksTheRequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		req := device.Request{
			Target: profile.Target{Scheme: "http", Host: "h", Port: 80, Path: "/" + string(rapid.SliceOf(rapid.Byte()).Draw(t, "path"))}, Agent: "agent",
		}
		lines := strings.Split(onTheWire(t, req), "\r\n")
		if len(lines) != 5 || lines[1] != "Host: h" || lines[2] != "User-Agent: agent" {
			t.Fatalf("lines %q, want a request line and two headers", lines)
		}
		words := strings.Split(lines[0], " ")
		if len(words) != 3 || words[0] != "GET" || words[2] != "HTTP/1.1" {
			t.Fatalf("request line %q, want three words", lines[0])
		}
		for i := range len(words[1]) {
			if c := words[1][i]; c <= ' ' || c >= 0x7f {
				t.Fatalf("request line %q holds the byte %#x", lines[0], c)
			}
		}
	})
}

// FV-HTTP-3: one connection for all requests of a transfer, closed after it. Redirects to
// https and to other schemes are in redirect_test.go.
func TestOneConnectionThatIsClosed(t *testing.T) {
	states := make(chan http.ConnState, 100)
	at := serveStates(t, states, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/first":
			http.Redirect(w, r, "/second", http.StatusFound)
		case r.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
		}
	})
	req := request(t, at+"/first")
	req.User, req.Password = "phone", "secret"
	expect(t, fetch(t, req), resync.None, "redirected to "+at+"/second")
	opened := 0
	for state := range states {
		if state == http.StateNew {
			opened++
		}
		if state == http.StateClosed {
			break
		}
	}
	if opened != 1 || len(states) != 0 {
		t.Errorf("%d connections for three requests, want one", opened)
	}
}

// A server may say that it keeps a connection and still close it.
func TestAConnectionThatTheServerDidNotKeep(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	answers := []string{
		"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	}
	go func() {
		for _, answer := range answers {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				conn.Write([]byte(answer))
			}
			conn.Close()
		}
	}()
	reply := fetch(t, request(t, "http://"+listener.Addr().String()+"/a"))
	if reply.Outcome != resync.None || string(reply.Body) != "ok" {
		t.Errorf("outcome %q, note %q, body %q; want the file of the second connection", reply.Outcome, reply.Note, reply.Body)
	}
}
