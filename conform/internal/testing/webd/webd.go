// Package webd is a good web server for phones, and ways to break it, for the tests of
// the checks.
package webd

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"
)

// Files serves files by their path, as a provisioning server should: GET and
// HEAD only, 404 for what is not there, an ETag of the content, and nothing kept
// by caches.
func Files(files map[string][]byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := files[r.URL.Path]
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "read only", http.StatusMethodNotAllowed)
			return
		case !ok:
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(body))[:16]))
		http.ServeContent(w, r, "", changed, bytes.NewReader(body))
	})
}

// changed is the Last-Modified of all files.
var changed = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Start serves on a free port of loopback until the test ends, over TLS where a
// configuration is given, and returns host:port.
func Start(t testing.TB, handler http.Handler, secure *tls.Config) string {
	t.Helper()
	return Serve(t, &http.Server{Handler: handler, TLSConfig: secure})
}

// Serve is Start for a server with limits of its own.
func Serve(t testing.TB, server *http.Server) string {
	t.Helper()
	return serve(t, listen(t), server)
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func serve(t testing.TB, listener net.Listener, server *http.Server) string {
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){} // phones speak HTTP/1.1
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if server.TLSConfig != nil {
			server.ServeTLS(listener, "", "")
			return
		}
		server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Close()
		<-ended
	})
	return listener.Addr().String()
}
