package lab_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"

	"provsim/device"
	"provsim/internal/lab"
)

// client returns an HTTP client with a phone's certificate that follows no
// redirects and keeps no connections.
func client(t *testing.T, l *lab.Lab, mac device.MAC) *http.Client {
	t.Helper()
	certPEM, keyPEM, err := l.CA.Issue(lab.Client(mac, "IP542N"))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{RootCAs: l.CA.Pool(), Certificates: []tls.Certificate{cert}}
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: config, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func TestStatusOfAWebServer(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("x"))
	l.Files.Deny("secret")
	l.Faults.Set("/busy", lab.Fault{Status: 503})
	l.Faults.Set("/old", lab.Fault{Location: "/new"})
	l.Faults.Set("/moved", lab.Fault{Location: "http://other.invalid/x", Status: 308})
	l.Faults.Set("/loop", lab.Fault{Location: "/loop"})
	web := client(t, l, phone)
	for _, c := range []struct {
		path     string
		status   int
		location string
	}{
		{"/file", 200, ""},
		{"/missing", 404, ""},
		{"/secret", 403, ""},
		{"/busy", 503, ""},
		{"/busy/below", 503, ""},
		{"/old", 302, "/new"},
		{"/moved", 308, "http://other.invalid/x"},
		{"/loop", 302, "/loop"},
	} {
		for _, scheme := range []string{"http", "https"} {
			resp := ask(t, web, l.URL(scheme, c.path))
			if got := resp.Header.Get("Location"); resp.StatusCode != c.status || got != c.location {
				t.Errorf("%s %s: %d %q, want %d %q", scheme, c.path, resp.StatusCode, got, c.status, c.location)
			}
		}
	}
	resp, err := web.Post(l.URL("http", "/file"), "text/plain", strings.NewReader("x"))
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Fatalf("POST: %v, error %v; want status 405", resp, err)
	}
	resp.Body.Close()
}

func TestTruncatedBody(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("0123456789"))
	l.Faults.Set("/file", lab.Fault{Truncate: 4})
	resp := ask(t, client(t, l, phone), l.URL("http", "/file"))
	body, err := io.ReadAll(resp.Body)
	if resp.ContentLength != 10 || string(body) != "0123" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("announced %d, got %q and %v; want 10, 0123 and an unexpected EOF", resp.ContentLength, body, err)
	}
}

func TestEndlessBody(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Faults.Set("/", lab.Fault{Endless: true})
	resp := ask(t, client(t, l, phone), l.URL("http", "/any"))
	const much = 8 << 20
	if n, err := io.CopyN(io.Discard, resp.Body, much); n != much || resp.ContentLength != -1 {
		t.Errorf("%d bytes of an endless body, error %v, announced %d", n, err, resp.ContentLength)
	}
}

func TestStalledAnswer(t *testing.T) {
	l, served := start(t, lab.Config{})
	l.Faults.Set("/", lab.Fault{Stall: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.URL("http", "/any"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client(t, l, phone).Do(req); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a stalled server: %v, want no answer until the deadline", err)
	}
	if got := <-served; got.Err == nil || got.Status != 0 {
		t.Errorf("served %+v, want a request without an answer", got)
	}
}

func TestDelayedAnswer(t *testing.T) {
	const delay = 30 * time.Millisecond
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("x"))
	l.Faults.Set("/file", lab.Fault{Delay: delay})
	begin := time.Now()
	get(t, client(t, l, phone), l.URL("http", "/file"))
	if took := time.Since(begin); took < delay {
		t.Errorf("an answer after %v, want it delayed by %v", took, delay)
	}
}

func TestFaultsAreSwitchedWhileServing(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("x"))
	web := client(t, l, phone)
	for _, c := range []struct {
		fault lab.Fault
		want  int
	}{{lab.Fault{Status: 500}, 500}, {lab.Fault{Status: 410}, 410}, {lab.Fault{}, 200}} {
		l.Faults.Set("/file", c.fault)
		if got := ask(t, web, l.URL("http", "/file")).StatusCode; got != c.want {
			t.Errorf("with %+v: status %d, want %d", c.fault, got, c.want)
		}
	}
}

func TestRealms(t *testing.T) {
	l, _ := start(t, lab.Config{Realms: []lab.Realm{
		{Prefix: "/basic/", User: "phone", Password: "secret"},
		{Prefix: "md5/", User: "phone", Password: "secret", Schemes: []lab.Scheme{lab.DigestMD5}},
		{Prefix: "/sha/", User: "phone", Password: "secret", Schemes: []lab.Scheme{lab.DigestSHA256, lab.Basic}},
	}})
	for _, name := range []string{"open", "basic/f", "md5/f", "sha/f"} {
		l.Files.Put(name, []byte("x"))
	}
	web := client(t, l, phone)
	basic := func(user, password string) http.RoundTripper { return basicTransport{web.Transport, user, password} }
	byDigest := func(user, password string) http.RoundTripper {
		return &digest.Transport{Transport: web.Transport, Username: user, Password: password}
	}
	for _, c := range []struct {
		name   string
		by     http.RoundTripper
		path   string
		status int
	}{
		{"no password for an open file", web.Transport, "/open", 200},
		{"no password", web.Transport, "/basic/f", 401},
		{"Basic", basic("phone", "secret"), "/basic/f", 200},
		{"Basic, wrong password", basic("phone", "Secret"), "/basic/f", 401},
		{"Basic, wrong user", basic("Phone", "secret"), "/basic/f", 401},
		{"Basic where Digest is wanted", basic("phone", "secret"), "/md5/f", 401},
		{"Digest with MD5", byDigest("phone", "secret"), "/md5/f", 200},
		{"Digest, wrong password", byDigest("phone", "Secret"), "/md5/f", 401},
		{"Digest where Basic is wanted", byDigest("phone", "secret"), "/basic/f", 401},
		{"Digest with SHA-256", byDigest("phone", "secret"), "/sha/f", 200},
		{"Basic as the second choice", basic("phone", "secret"), "/sha/f", 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ask(t, &http.Client{Transport: c.by}, l.URL("http", c.path)).StatusCode; got != c.status {
				t.Errorf("status %d, want %d", got, c.status)
			}
		})
	}
	offers := ask(t, web, l.URL("http", "/sha/f")).Header.Values("WWW-Authenticate")
	if len(offers) != 2 || !strings.HasPrefix(offers[0], "Digest ") || !strings.HasPrefix(offers[1], "Basic ") {
		t.Errorf("offers %q, want Digest and then Basic", offers)
	}
}

type basicTransport struct {
	http.RoundTripper
	user, password string
}

func (b basicTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth(b.user, b.password)
	return b.RoundTripper.RoundTrip(r)
}
