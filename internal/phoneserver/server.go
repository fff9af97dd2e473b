// Package phoneserver is the web servers that phones themselves have, for those
// vendors that have a [device.Personality.Web].
//
// Each phone listens at its own address from its lease to its reboot, so that a call
// to a phone that is down is refused. One port takes HTTP and HTTPS. Connections from
// outside of the phones' site get no answer, as through a NAT.
package phoneserver

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"provsim/device"
	"provsim/internal/run"
	"provsim/resync"
)

// Limits of a request and of what waits.
const (
	mostBody    = 64 << 10
	requestTime = 10 * time.Second
	silence     = time.Minute // that a connection from outside of the site is held
	mostSilent  = 1000        // such connections
)

// handshake is the first byte of a TLS connection (RFC 8446 section 5.1).
const handshake = 22

// Config says how the phones of a driver listen.
type Config struct {
	Port        uint16
	Site        []netip.Prefix // that connections may come from; none: all may
	Certificate tls.Certificate
}

// Servers are the web servers of a driver's phones.
type Servers struct {
	config Config
	secure *tls.Config
	server *http.Server
	driver *run.Driver
	silent chan struct{} // a place for each connection that is held
	end    chan struct{}
	work   sync.WaitGroup
	phones map[int]*phone // that listen; of the driver's goroutine
}

// phone is one that listens.
type phone struct {
	number   int
	listener net.Listener
	state    device.WebState // of the driver's goroutine
}

// New returns servers of which none listens yet.
func New(c Config) *Servers {
	s := &Servers{
		config: c, secure: &tls.Config{Certificates: []tls.Certificate{c.Certificate}, MinVersion: tls.VersionTLS10},
		phones: map[int]*phone{}, silent: make(chan struct{}, mostSilent), end: make(chan struct{}),
	}
	s.server = &http.Server{
		Handler: http.HandlerFunc(s.serve), ReadTimeout: requestTime, WriteTimeout: 2 * requestTime, MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, phoneKey{}, c.(*conn).phone)
		},
	}
	s.server.SetKeepAlivesEnabled(false)
	return s
}

type phoneKey struct{}

// Attach gives the servers the driver of the phones. It comes before the run.
func (s *Servers) Attach(d *run.Driver) { s.driver = d }

// Close ends all servers.
func (s *Servers) Close() {
	close(s.end)
	s.server.Close()
	s.work.Wait()
}

// Reach lets a phone listen at an address, or no longer where that is the zero address:
// it is a [run.Config.Reach].
func (s *Servers) Reach(i int, addr netip.Addr) {
	if old := s.phones[i]; old != nil {
		old.listener.Close()
		delete(s.phones, i)
	}
	if !addr.IsValid() {
		return
	}
	listener, err := net.Listen("tcp", netip.AddrPortFrom(addr, s.config.Port).String())
	if err != nil {
		note := "the phone's web server: " + err.Error()
		if errors.Is(err, syscall.EADDRNOTAVAIL) {
			note += "; it needs an address of this machine, such as one of 127.0.0.0/8"
		}
		s.driver.Tell(i, device.Input{Kind: device.Remark, Note: note})
		return
	}
	p := &phone{number: i, listener: listener}
	rand.Read(p.state.Secret[:]) // never fails
	s.phones[i] = p
	s.work.Go(func() { s.server.Serve(&site{Listener: listener, servers: s, phone: p}) })
}

// serve answers a request as the phone does.
func (s *Servers) serve(w http.ResponseWriter, r *http.Request) {
	p, _ := r.Context().Value(phoneKey{}).(*phone)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	request := device.WebRequest{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: body}
	request.Login.User, request.Login.Password, _ = r.BasicAuth()
	if c, err := r.Cookie("session"); err == nil {
		request.Session = c.Value
	}
	answers := make(chan device.WebAnswer, 1)
	s.driver.Look(p.number, func(d *device.Device, now time.Duration) {
		request.Now = now
		answers <- s.answer(d, p, &request)
	})
	var a device.WebAnswer
	select {
	case a = <-answers:
	case <-r.Context().Done():
	case <-s.end:
	}
	if a.Status == 0 { // the phone has gone down
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	for name, value := range map[string]string{"Content-Type": a.Type, "Allow": a.Allow} {
		if value != "" {
			header.Set(name, value)
		}
	}
	if a.Realm != "" {
		header.Set("WWW-Authenticate", fmt.Sprintf("Basic realm=%q", a.Realm))
	}
	if a.Session != "" {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: a.Session, Path: "/", HttpOnly: true})
	}
	header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	w.Write(a.Body)
}

// answer asks the phone, and has it do what follows. It is called in the driver's
// goroutine.
func (s *Servers) answer(d *device.Device, p *phone, r *device.WebRequest) device.WebAnswer {
	if s.phones[p.number] != p {
		return device.WebAnswer{}
	}
	a := d.Model().Personality.Web(d, &p.state, r)
	if a.Order != "" && !s.driver.Order(p.number, a.Order) {
		return device.WebAnswer{Status: http.StatusServiceUnavailable}
	}
	if a.Ask != device.Tick {
		s.driver.Tell(p.number, device.Input{Kind: a.Ask, Cause: resync.Person})
	}
	return a
}

// site is a phone's listener, which passes on what comes from its site.
type site struct {
	net.Listener
	servers *Servers
	phone   *phone
}

// Accept returns the next connection from the site.
func (l *site) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, _ := netip.ParseAddrPort(c.RemoteAddr().String())
		sites := l.servers.config.Site
		if len(sites) == 0 || slices.ContainsFunc(sites, func(p netip.Prefix) bool { return p.Contains(from.Addr().Unmap()) }) {
			return &conn{Conn: c, secure: l.servers.secure, phone: l.phone}, nil
		}
		l.servers.hold(c)
	}
}

// hold leaves a connection without an answer until its other end gives up.
func (s *Servers) hold(c net.Conn) {
	select {
	case s.silent <- struct{}{}:
	default:
		c.Close()
		return
	}
	s.work.Go(func() {
		defer func() { c.Close(); <-s.silent }()
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			c.SetReadDeadline(time.Now().Add(silence))
			io.Copy(io.Discard, c) // ends with the deadline at the latest
		}()
		select {
		case <-gone:
		case <-s.end:
		}
	})
}

// conn is a connection that speaks TLS where its first byte is that of a handshake.
type conn struct {
	net.Conn
	secure *tls.Config
	phone  *phone
	spoken net.Conn // nil until the first byte has come
}

// Read reads what the other end says.
func (c *conn) Read(b []byte) (int, error) {
	if c.spoken == nil {
		first := make([]byte, 1)
		if _, err := io.ReadFull(c.Conn, first); err != nil {
			return 0, err
		}
		c.spoken = &rest{c.Conn, first}
		if first[0] == handshake {
			c.spoken = tls.Server(c.spoken, c.secure)
		}
	}
	return c.spoken.Read(b)
}

// Write answers; a server does so after it has read.
func (c *conn) Write(b []byte) (int, error) {
	if c.spoken == nil {
		return c.Conn.Write(b)
	}
	return c.spoken.Write(b)
}

// rest is a connection of which the first bytes have been read.
type rest struct {
	net.Conn
	first []byte
}

// Read returns the first bytes first.
func (r *rest) Read(b []byte) (int, error) {
	if len(r.first) > 0 {
		n := copy(b, r.first)
		r.first = r.first[n:]
		return n, nil
	}
	return r.Conn.Read(b)
}
