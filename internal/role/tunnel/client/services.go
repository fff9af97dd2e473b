package client

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/beevik/ntp"

	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/snmp"
)

// Ports in the overlay (WT-SVC-2).
const (
	webPort       = 80
	snmpPort      = 161
	ntpPort       = 123
	trapPort      = 162
	syslogPort    = 514
	debugPort     = 925
	keepAlivePort = 1161
	qoePort       = 5000
)

// serviceTime is how long a service may take, and mostFile how much of a file is
// read.
const (
	serviceTime = time.Minute
	mostFile    = 64 << 20
)

// debugBytes is the size of a datagram of debug recording.
const debugBytes = 512

var errNoTunnel = errors.New("the tunnel is not open")

// Do does a service of a device, without waiting for its end (WT-SVC-2).
func (n *Overlay) Do(device int, what tunnel.Service) {
	s := n.session(device)
	if s == nil || !n.isOpen(s) {
		n.done(nil, device, what, 0, 0, errNoTunnel)
		return
	}
	if !s.busy[what].CompareAndSwap(false, true) {
		n.done(s, device, what, 0, 0, errors.New("the one before has not ended"))
		return
	}
	serve := func() {
		begun := time.Now()
		ctx, cancel := context.WithTimeout(n.ctx, serviceTime)
		defer cancel()
		bytes, err := n.service(ctx, s, what)
		s.busy[what].Store(false)
		n.done(s, device, what, bytes, time.Since(begun), err)
	}
	switch what {
	case tunnel.Files, tunnel.NTP, tunnel.QoE:
		n.work.Go(serve)
	default: // one datagram, which waits for nothing
		serve()
	}
}

func (n *Overlay) isOpen(s *session) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return s.host != nil
}

// done reports the result of a service.
func (n *Overlay) done(s *session, device int, what tunnel.Service, bytes int64, took time.Duration, err error) {
	if s != nil && (err != nil || what == tunnel.Files || what == tunnel.NTP || what == tunnel.ColdStart) {
		r := role.Record{Event: "service", Outcome: "ok", Took: took, Note: fmt.Sprintf("%v, %d bytes", what, bytes)}
		if err != nil {
			r.Outcome, r.Note = "failed", fmt.Sprintf("%v: %v", what, err)
		}
		n.log(s, r)
	}
	if err == nil {
		n.learn(func(l *learnt) { l.answered(what) })
	}
	n.report(Event{Device: device, Service: what, Served: true, Bytes: bytes, Failed: err != nil})
}

func at(port int) string { return fmt.Sprintf("%v:%d", tunnel.Server, port) }

func (n *Overlay) service(ctx context.Context, s *session, what tunnel.Service) (bytes int64, err error) {
	o := &n.options
	switch what {
	case tunnel.Files:
		return n.fetch(ctx, s)
	case tunnel.NTP:
		answer, err := ntp.QueryWithOptions(at(ntpPort), ntp.QueryOptions{
			Timeout: 5 * time.Second, Dialer: func(_, remote string) (net.Conn, error) { return n.open(ctx, s, "udp", remote) },
		})
		if err == nil {
			err = answer.Validate()
		}
		return 48, err
	case tunnel.Syslog:
		line := fmt.Sprintf("<134>%s %d provsim: [S=%d] tunnel device %d", time.Now().Format(time.Stamp), s.serial, time.Now().UnixMilli(), s.serial)
		return n.datagram(ctx, s, syslogPort, []byte(line))
	case tunnel.ColdStart, tunnel.KeepAlive:
		oid, port := snmp.ColdStart, trapPort
		if what == tunnel.KeepAlive {
			oid, port = snmp.KeepAlive, keepAlivePort
		}
		trap, err := snmp.Trap(o.Community, oid, time.Since(n.boot), uint32(s.serial))
		if err != nil {
			return 0, err
		}
		return n.datagram(ctx, s, port, trap)
	case tunnel.DebugRecording:
		return n.datagram(ctx, s, debugPort, random(debugBytes))
	case tunnel.QoE:
		c, err := n.open(ctx, s, "tcp", at(qoePort))
		if err != nil {
			return 0, err
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(serviceTime))
		count, err := c.Write(random(o.QoEBytes))
		return int64(count), err
	}
	return 0, nil
}

// random returns the opaque bytes of a service whose contents are not public
// (WT-SVC-3).
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func (n *Overlay) open(ctx context.Context, s *session, network, address string) (net.Conn, error) {
	n.mu.Lock()
	host := s.host
	n.mu.Unlock()
	if host == nil {
		return nil, errNoTunnel
	}
	return host.Dial(ctx, network, address)
}

func (n *Overlay) datagram(ctx context.Context, s *session, port int, b []byte) (int64, error) {
	c, err := n.open(ctx, s, "udp", at(port))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	count, err := c.Write(b)
	return int64(count), err
}

// fetch reads a file from the server and throws it away.
func (n *Overlay) fetch(ctx context.Context, s *session) (int64, error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return n.open(ctx, s, network, address)
		},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+tunnel.Server.String()+n.options.File, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", n.options.Agent)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	count, err := io.Copy(io.Discard, io.LimitReader(resp.Body, mostFile))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return count, err
}

// answer serves what the server asks a device: its system group, and a page.
func (n *Overlay) answer(c net.Conn) {
	local, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return
	}
	i, ok := tunnel.Number(local.Addr())
	s := n.routes[max(i, 0)].Load()
	if !ok || s == nil {
		return
	}
	if local.Port() == snmpPort {
		n.agent(c, s)
		return
	}
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := http.ReadRequest(bufio.NewReader(io.LimitReader(c, 8<<10))); err != nil {
		return
	}
	page := fmt.Sprintf("%s, serial number %d, at %v\n", n.options.Product, s.serial, s.addr)
	err = (&http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Close: true, Header: http.Header{"Content-Type": {"text/plain"}},
		Body: io.NopCloser(strings.NewReader(page)), ContentLength: int64(len(page)),
	}).Write(c)
	n.done(nil, s.device, tunnel.Web, int64(len(page)), 0, err)
}

// agent answers what one port of the server asks, until nothing more comes.
func (n *Overlay) agent(c net.Conn, s *session) {
	b := make([]byte, 4<<10)
	for {
		c.SetDeadline(time.Now().Add(time.Second))
		count, err := c.Read(b)
		if err != nil {
			return
		}
		group := snmp.System{Community: n.options.Community, Descr: n.options.Product, Name: fmt.Sprint(s.serial), Up: time.Since(n.boot)}
		if answer := group.Answer(b[:count]); answer != nil {
			_, err = c.Write(answer)
			n.done(nil, s.device, tunnel.Polled, int64(len(answer)), 0, err)
		}
	}
}
