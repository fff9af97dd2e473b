package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"provsim/internal/fetch/web"
	"provsim/resync"
)

// serveStates is serve with a look at the connections.
func serveStates(t *testing.T, states chan<- http.ConnState, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) { states <- state }
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func TestRedirectsAreFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		at := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/dir/a" {
				w.Header().Set("Location", "b?x=1")
				w.WriteHeader(status)
				return
			}
			fmt.Fprint(w, r.RequestURI)
		})
		reply := fetch(t, request(t, at+"/dir/a"))
		expect(t, reply, resync.None, "redirected to "+at+"/dir/b")
		if string(reply.Body) != "/dir/b?x=1" {
			t.Errorf("%d: the server was asked for %q, want /dir/b?x=1", status, reply.Body)
		}
	}
}

func TestFiveRedirectsAreFollowedAndNoSixth(t *testing.T) {
	asked := 0
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		left, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
		if left > 0 {
			http.Redirect(w, r, fmt.Sprintf("/%d", left-1), http.StatusFound)
		}
	})
	expect(t, fetch(t, request(t, at+"/5")), resync.None, "redirected to "+at+"/0")
	asked = 0
	expect(t, fetch(t, request(t, at+"/6")), resync.HTTPStatus, "302 Found: more than 5 redirects; redirected to "+at+"/1")
	if asked != 6 {
		t.Errorf("%d requests, want 6", asked)
	}
}

// The path that a relative Location is relative to may be no URL by itself.
func TestARedirectFromAnOddPath(t *testing.T) {
	for path, want := range map[string]string{"/dir/%20": "/dir/b", "/dir/ü#": "/dir/b", "/dir/%zz": "/b", "//dir/x": "//dir/b"} {
		client := web.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				defer theirs.Close()
				r := bufio.NewReader(theirs)
				for {
					line, err := r.ReadString('\n')
					switch {
					case err != nil:
						return
					case strings.HasPrefix(line, "GET "+want+" "):
						io.WriteString(theirs, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
					case line == "\r\n":
						io.WriteString(theirs, "HTTP/1.1 302 Found\r\nLocation: b\r\nContent-Length: 0\r\n\r\n")
					}
				}
			}()
			return ours, nil
		}}
		req := request(t, "http://h/")
		req.Path = path
		expect(t, client.Fetch(t.Context(), req), resync.NotFound, "404 Not Found; redirected to http://h"+want)
	}
}

// What a Location holds is not told: it may be a password.
func TestLocationsThatLeadNowhere(t *testing.T) {
	const other = "its Location is not for http or https"
	for location, note := range map[string]string{
		"":                             "it has no Location",
		"file:///etc/passwd":           other,
		"tftp://127.0.0.1/f":           other,
		"ftp://127.0.0.1/f":            other,
		"javascript:alert(1)":          other,
		"secret-of-the-server:x":       other,
		"http://":                      "its Location names no host",
		"http://user:secret@":          "its Location names no host",
		"http:opaque":                  "its Location names no host",
		"http://127.0.0.1:70000/":      "the port of its Location is not from 1 to 65535",
		"http://127.0.0.1:0/":          "the port of its Location is not from 1 to 65535",
		"http://[::1/":                 "its Location is not a URL",
		"http://127.0.0.1:port/":       "its Location is not a URL",
		"http://u:secret@h:x/":         "its Location is not a URL",
		strings.Repeat("%", 200):       "its Location is not a URL",
		"://" + strings.Repeat("x", 9): "its Location is not a URL",
	} {
		at := serve(t, func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				fmt.Fprintf(conn, "HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n", location)
				conn.Close()
			}
		})
		expect(t, fetch(t, request(t, at+"/f")), resync.HTTPStatus, "302 Found: "+note)
	}
}

func TestUserAndPasswordStayWithTheirServer(t *testing.T) {
	leaked := make(chan string, 10)
	thief := serve(t, func(w http.ResponseWriter, r *http.Request) {
		leaked <- r.Header.Get("Authorization")
		w.Header().Set("WWW-Authenticate", `Basic realm="give me"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, thief, http.StatusFound)
	})
	req := request(t, at+"/f")
	req.User, req.Password = "phone", "secret"
	expect(t, fetch(t, req), resync.Unauthorized,
		"401 Unauthorized: user and password are for the rule's own server only; redirected to "+thief+"/")
	if got := <-leaked; got != "" || len(leaked) != 0 {
		t.Errorf("another server got Authorization %q and %d further requests", got, len(leaked))
	}
}

func TestUserAndPasswordOfALocationAreNotTaken(t *testing.T) {
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" {
			w.Header().Set("Location", "http://evil:evil@"+r.Host+"/b")
			w.WriteHeader(http.StatusFound)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	expect(t, fetch(t, request(t, at+"/a")), resync.Unauthorized,
		"401 Unauthorized: the rule has no user and password; redirected to "+at+"/b")
}

func TestFromHTTPToHTTPSAndNotBack(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
			return
		}
		if _, _, ok := r.BasicAuth(); !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer secure.Close()
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, secure.URL+r.URL.Path, http.StatusMovedPermanently)
	})
	client := web.Client{Roots: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	req := request(t, plain+"/f")
	req.User, req.Password = "phone", "secret"
	expect(t, client.Fetch(t.Context(), req), resync.None, "redirected to "+secure.URL+"/f")
	expect(t, client.Fetch(t.Context(), request(t, plain+"/back")), resync.HTTPStatus,
		"302 Found: a redirect from https to http is refused; redirected to "+secure.URL+"/back")
}

// A phone refuses https for an upgrade, in the rule and at the end of redirects
// alike, without contact (FV-UP-3).
func TestAnUpgradeIsNotRedirectedToHTTPS(t *testing.T) {
	contacts := make(chan struct{}, 1)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ConnState = func(net.Conn, http.ConnState) {
		select {
		case contacts <- struct{}{}:
		default:
		}
	}
	secure.StartTLS()
	defer secure.Close()
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, secure.URL+r.URL.Path, http.StatusMovedPermanently)
	})
	client := web.Client{Roots: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	req := request(t, plain+"/fw.bin")
	req.NoHTTPS = true
	expect(t, client.Fetch(t.Context(), req), resync.HTTPSUpgrade,
		"301 Moved Permanently: a redirect to https, which the phone refuses for an upgrade (FV-UP-3)")
	if len(contacts) > 0 {
		t.Error("the https server was contacted")
	}
	req.NoHTTPS = false // quirk https-upgrade
	if reply := client.Fetch(t.Context(), req); reply.Outcome != resync.None {
		t.Errorf("outcome %q, note %q; want it followed", reply.Outcome, reply.Note)
	}
}
