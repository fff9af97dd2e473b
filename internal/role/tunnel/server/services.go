package server

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/snmp"
)

// Services say what is behind the tunnels (WT-SVC-2).
type Services struct {
	Files     http.Handler              // of port 80, and of 443 with TLS; nil: nothing is found
	TLS       *tls.Config               // of ports 443 and 5001; nil: these are closed
	Community string                    // of SNMP
	Poll      time.Duration             // how often each device is polled; 0: never
	Forward   map[Port]string           // ports of the overlay that are another server's, HOST:PORT
	Reach     map[netip.AddrPort]Target // addresses of this machine that lead to a device
}

// Port is a port of the overlay.
type Port struct {
	Number uint16
	UDP    bool
}

// Target is a port of a device.
type Target struct {
	Device string // serial number or address
	Port
}

// Bounds of what goes on at once.
const (
	mostConnections = 4096
	mostFlows       = 1024
	flowIdle        = time.Minute
	serviceTime     = time.Minute
	mostTraps       = 64 // kinds that are counted apart
)

// The overlay's ports (WT-SVC-2).
var (
	httpPort      = Port{Number: 80}
	httpsPort     = Port{Number: 443}
	ntpPort       = Port{Number: 123, UDP: true}
	trapPort      = Port{Number: 162, UDP: true}
	syslogPort    = Port{Number: 514, UDP: true}
	debugPort     = Port{Number: 925, UDP: true}
	keepAlivePort = Port{Number: 1161, UDP: true}
	qoePort       = Port{Number: 5000}
	qoeTLSPort    = Port{Number: 5001}
)

// services are what runs at 169.254.0.1.
type services struct {
	server  *Server
	o       Services
	ctx     context.Context
	end     context.CancelFunc
	work    sync.WaitGroup
	closers []io.Closer
	room    chan struct{} // of connections
	flows   atomic.Int32

	alive net.PacketConn // port 1161, from which devices are polled

	mu     sync.Mutex
	counts map[string]*served
	asked  map[uint32]chan *snmp.Message // polls that a person waits for
	lastID uint32
}

type served struct{ count, bytes, failed int64 }

// serve starts the services.
func (s *Server) serve() (*services, error) {
	v := &services{
		server: s, o: s.options.Services, counts: map[string]*served{}, asked: map[uint32]chan *snmp.Message{}, room: make(chan struct{}, mostConnections),
	}
	v.ctx, v.end = context.WithCancel(context.Background())
	ports := map[Port]func() error{
		httpPort: func() error { return v.web(httpPort, nil) },
		ntpPort:  func() error { return v.datagrams(ntpPort, v.ntp) },
		syslogPort: func() error {
			return v.datagrams(syslogPort, func(_ net.PacketConn, _ net.Addr, b []byte) { v.count("syslog", len(b), nil) })
		},
		debugPort: func() error {
			return v.datagrams(debugPort, func(_ net.PacketConn, _ net.Addr, b []byte) { v.count("debug recording", len(b), nil) })
		},
		trapPort:      func() error { return v.datagrams(trapPort, v.snmp) },
		keepAlivePort: func() error { return v.datagrams(keepAlivePort, v.snmp) },
		qoePort:       func() error { return v.qoe(qoePort, nil) },
	}
	if v.o.TLS != nil {
		ports[httpsPort] = func() error { return v.web(httpsPort, v.o.TLS) }
		ports[qoeTLSPort] = func() error { return v.qoe(qoeTLSPort, v.o.TLS) }
	}
	for port, to := range v.o.Forward {
		ports[port] = func() error { return v.forward(port, to) }
	}
	for port, start := range ports {
		if err := start(); err != nil {
			v.close()
			return nil, fmt.Errorf("port %d of the overlay: %w", port.Number, err)
		}
	}
	for at, to := range v.o.Reach {
		if err := v.reach(at, to); err != nil {
			v.close()
			return nil, err
		}
	}
	if v.o.Poll > 0 {
		v.work.Go(v.pollAll)
	}
	return v, nil
}

func (v *services) close() {
	v.end()
	for _, c := range v.closers {
		c.Close()
	}
	v.work.Wait()
}

// count counts one use of a service.
func (v *services) count(name string, bytes int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.counts[name]
	if c == nil {
		c = &served{}
		v.counts[name] = c
	}
	c.count++
	c.bytes += int64(bytes)
	if err != nil {
		c.failed++
	}
}

// Count returns how often a service was used, by the name that its table has.
func (s *Server) Count(name string) int64 {
	s.behind.mu.Lock()
	defer s.behind.mu.Unlock()
	if c := s.behind.counts[name]; c != nil {
		return c.count
	}
	return 0
}

func (v *services) table() role.Table {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := role.Table{Title: "Services", Columns: []string{"Service", "Count", "Bytes", "Failed"}, Empty: "No service has been used."}
	for _, name := range slices.Sorted(maps.Keys(v.counts)) {
		c := v.counts[name]
		t.Rows = append(t.Rows, []string{name, strconv.FormatInt(c.count, 10), strconv.FormatInt(c.bytes, 10), strconv.FormatInt(c.failed, 10)})
	}
	return t
}

// web serves the files.
func (v *services) web(port Port, config *tls.Config) error {
	l, err := v.server.host.ListenTCP(port.Number)
	if err != nil {
		return err
	}
	name := "http"
	if config != nil {
		name, l = "https", tls.NewListener(l, config)
	}
	files := v.o.Files
	if files == nil {
		files = http.NotFoundHandler()
	}
	s := &http.Server{
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: serviceTime, WriteTimeout: 10 * time.Minute, IdleTimeout: serviceTime, MaxHeaderBytes: 32 << 10,
		ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			counted := &counter{ResponseWriter: w, status: http.StatusOK}
			files.ServeHTTP(counted, r)
			var failed error
			if counted.status >= http.StatusBadRequest {
				failed = errors.New("refused")
			}
			v.count(name, counted.bytes, failed)
		}),
	}
	v.closers = append(v.closers, s)
	v.work.Go(func() { s.Serve(l) })
	return nil
}

// counter counts the bytes of an answer.
type counter struct {
	http.ResponseWriter
	bytes, status int
}

// WriteHeader remembers the status.
func (c *counter) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

// Write counts.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.bytes += n
	return n, err
}

// datagrams gives each datagram of a port to a function.
func (v *services) datagrams(port Port, take func(net.PacketConn, net.Addr, []byte)) error {
	c, err := v.server.host.ListenUDP(port.Number)
	if err != nil {
		return err
	}
	if port == keepAlivePort {
		v.alive = c
	}
	v.closers = append(v.closers, c)
	v.work.Go(func() {
		b := make([]byte, tunnel.MaxMessage)
		for {
			n, from, err := c.ReadFrom(b)
			switch {
			case err == nil:
				take(c, from, b[:n])
			case v.ctx.Err() != nil:
				return
			}
		}
	})
	return nil
}

// ntp answers as a server of stratum 2 with this machine's clock (RFC 5905).
func (v *services) ntp(c net.PacketConn, from net.Addr, b []byte) {
	const size, client = 48, 3
	if len(b) < size || b[0]&7 != client {
		v.count("ntp", len(b), errors.New("no request of a client"))
		return
	}
	version := b[0] >> 3 & 7
	now := ntpTime(time.Now())
	answer := make([]byte, size)
	answer[0], answer[1], answer[2], answer[3] = version<<3|4, 2, b[2], 0xec // 2^-20 s
	binary.BigEndian.PutUint32(answer[8:], 1<<6)                             // root dispersion of about a millisecond
	copy(answer[12:], []byte{127, 127, 1, 0})
	binary.BigEndian.PutUint64(answer[16:], now)
	copy(answer[24:], b[40:48]) // origin: what the client sent
	binary.BigEndian.PutUint64(answer[32:], now)
	binary.BigEndian.PutUint64(answer[40:], ntpTime(time.Now()))
	_, err := c.WriteTo(answer, from)
	v.count("ntp", len(b), err)
}

// ntpTime is a time as seconds since 1900 and their 2^32nd parts.
func ntpTime(t time.Time) uint64 {
	const since1900 = 2208988800
	return uint64(t.Unix()+since1900)<<32 | uint64(t.Nanosecond())<<32/1e9
}

// qoe takes the bytes of reports (WT-SVC-3).
func (v *services) qoe(port Port, config *tls.Config) error {
	l, err := v.server.host.ListenTCP(port.Number)
	if err != nil {
		return err
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	v.accept(l, func(c net.Conn) {
		c.SetDeadline(time.Now().Add(serviceTime))
		n, err := io.Copy(io.Discard, c)
		v.count("qoe", int(n), err)
	})
	return nil
}
