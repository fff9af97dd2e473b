package lab

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

func (l *Lab) startHTTP() error { return l.serve("http", l.config.HTTP, nil) }

func (l *Lab) startHTTPS() error { return l.serve("https", l.config.HTTPS, l.tlsConfig()) }

// serve starts one of the two web servers. HTTP/2 is left out: no phone of this
// kind asks for it, and one connection is then one goroutine to wait for.
func (l *Lab) serve(scheme, address string, config *tls.Config) error {
	listener, err := net.Listen("tcp", orLoopback(address))
	if err != nil {
		return fmt.Errorf("%s server: %w", scheme, err)
	}
	l.addrs[scheme] = addrPort(listener.Addr())
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	server := &http.Server{
		Handler:           &site{lab: l, scheme: scheme},
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog: log.New(complaints(func(text string) {
			l.served(Served{Server: scheme, Err: errors.New(text)})
		}), "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				l.work.Add(1)
			case http.StateClosed:
				l.work.Done()
			}
		},
	}
	l.work.Go(func() { server.Serve(listener) })
	l.ends = append(l.ends, func() { server.Close() })
	return nil
}

// complaints receive what net/http logs, above all handshakes that failed.
type complaints func(text string)

func (c complaints) Write(line []byte) (int, error) {
	c(strings.TrimSpace(string(line)))
	return len(line), nil
}

// A site answers the requests of one web server.
type site struct {
	lab    *Lab
	scheme string
}

// ServeHTTP answers a request and tells the lab of it.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	client, _ := netip.ParseAddrPort(r.RemoteAddr)
	record := &recorder{ResponseWriter: w}
	served := Served{
		Server: s.scheme, Client: client, Method: r.Method, Path: r.URL.Path, Agent: r.UserAgent(),
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		served.Name = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	err := s.answer(record, r)
	served.Status, served.Bytes, served.Err = record.status, record.bytes, err
	s.lab.served(served)
	if err != nil {
		panic(http.ErrAbortHandler) // closes the connection as it stands
	}
}

// answer sends what is right or, by a fault, wrong. An error means that the
// connection has to be broken off.
func (s *site) answer(w http.ResponseWriter, r *http.Request) error {
	if !s.lab.admit(w, r) {
		return nil
	}
	fault := s.lab.Faults.find(r.URL.Path)
	if err := s.hold(r, fault); err != nil {
		return err
	}
	switch {
	case fault.Location != "":
		w.Header().Set("Location", fault.Location)
		w.WriteHeader(cmp.Or(fault.Status, http.StatusFound))
		return nil
	case fault.Status != 0:
		http.Error(w, http.StatusText(fault.Status), fault.Status)
		return nil
	case (r.Method == http.MethodPut || r.Method == http.MethodPost) && s.lab.takesUploads(r.URL.Path):
		s.take(w, r)
		return nil
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "these files are only read", http.StatusMethodNotAllowed)
		return nil
	case fault.Endless:
		_, err := io.Copy(w, endless{})
		return err
	}
	body, err := s.lab.Files.Get(r.URL.Path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		http.Error(w, "access to this file is denied", http.StatusForbidden)
		return nil
	case err != nil:
		http.Error(w, "there is no such file", http.StatusNotFound)
		return nil
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if n := fault.Truncate; n > 0 && n < len(body) {
		body = body[:n] // net/http misses the rest and closes the connection
	}
	w.Write(body)
	return nil
}

// hold lets a delayed request wait, and a stalled one for as long as the client
// and the lab are there.
func (s *site) hold(r *http.Request, f *fault) error {
	var over <-chan time.Time
	switch {
	case f.Stall:
	case f.Delay > 0:
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		over = timer.C
	default:
		return nil
	}
	select {
	case <-over:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	case <-s.lab.done: // which the context misses where a body is left unread
		return errEnded
	}
}

var errEnded = errors.New("the lab has ended")

// A recorder notes what a handler sends.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}
