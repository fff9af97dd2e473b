// Package server is the server's end of WebSocket tunnels, and the services behind
// it, at 169.254.0.1 of the overlay (WT-SRV-1).
//
// A [Server] is an HTTP handler: it takes the upgrade, the name and the password,
// and runs a tunnel. All tunnels share one IP stack with one address. Packets go
// from a device to that address and back, and nowhere else (WT-SEC-1).
package server

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
	"provsim/internal/role/tunnel/netstack"
)

// Options say what a server is like.
type Options struct {
	Path       string            // one; the default is that of the devices
	Users      map[string]string // name to password
	Codec      string
	Assign     bool // give each device an address by X-Tunnel-Address; else learn it
	MaxTunnels int
	MTU        int
	Ping       time.Duration // 0: none
	Hold       time.Duration // how long tunnels are kept whose codec is unknown
	Record     *link.Recorder
	Log        *role.Log
	Faults     *Faults
	Services   Services
}

// retry is how many seconds a full server asks devices to wait (WT-LIM-2).
const retry = "30"

// Server runs tunnels.
type Server struct {
	options Options
	guard   *guard
	stack   *netstack.Stack
	host    *netstack.Host
	behind  *services

	mu      sync.Mutex
	tunnels map[*session]struct{}
	started uint64 // tunnels so far
	closing bool
	closed  chan struct{}
	ended   totals // of tunnels that have ended
	work    sync.WaitGroup

	routes [tunnel.Addresses]atomic.Pointer[session]
}

// session is one tunnel.
type session struct {
	server *Server
	link   *link.Link
	device string // X-Tunnel-Device, if it is a number
	serial uint64 // that number, or 0
	from   netip.Addr
	opened time.Time
	draw   uint64 // its number, for faults
	met    bool   // it has sent a packet

	number    atomic.Int64 // of its address, -1 before it is known
	spoofed   atomic.Int64
	elsewhere atomic.Int64 // packets to other addresses than the server's
	window    time.Time    // of the reader: in which bad sources are counted
	inWindow  int
}

// New starts a server: its stack and its services.
func New(o Options) (*Server, error) {
	s := &Server{options: o, guard: newGuard(o.Users), tunnels: map[*session]struct{}{}, closed: make(chan struct{})}
	var err error
	if s.stack, err = netstack.New(o.MTU, s.send); err != nil {
		return nil, err
	}
	if s.host, err = s.stack.Add(tunnel.Server); err == nil {
		s.behind, err = s.serve()
	}
	if err != nil {
		s.stack.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the server: it tells all devices that it restarts (WT-LIFE-1).
func (s *Server) Close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	close(s.closed)
	s.kill(1, false)
	s.work.Wait()
	s.behind.close()
	s.host.Close()
	s.stack.Close()
}

// send gives a packet of the stack to the tunnel of its target.
func (s *Server) send(packet []byte) {
	head, ok := tunnel.ParsePacket(packet)
	if !ok {
		return
	}
	if i, ok := tunnel.Number(head.Target); ok {
		if t := s.routes[i].Load(); t != nil {
			t.link.Send(packet)
		}
	}
}

// ServeHTTP takes an upgrade and runs its tunnel to the end.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from := addressOf(r.RemoteAddr)
	refuse := func(status int, why string) {
		s.log(role.Record{Event: "tunnel.open", Outcome: "refused", Status: status, Note: why + ", from " + from.String()}, r.Header.Get(deviceHeader))
		http.Error(w, why, status)
	}
	if r.URL.Path != s.options.Path {
		refuse(http.StatusNotFound, "no tunnel at this path")
		return
	}
	switch status, why := s.guard.admit(w, r, from); {
	case status != 0:
		refuse(status, why)
		return
	case !hasToken(r.Header, "Upgrade", "websocket") || !hasToken(r.Header, "Connection", "upgrade"):
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		refuse(http.StatusUpgradeRequired, "want an upgrade to websocket")
		return
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Sec-WebSocket-Version", "13")
		refuse(http.StatusUpgradeRequired, "want WebSocket version 13")
		return
	}
	t, full := s.begin(r, from)
	if full {
		w.Header().Set("Retry-After", retry)
		refuse(http.StatusServiceUnavailable, "the server has as many tunnels as it takes")
		return
	}
	defer s.work.Done()
	defer s.forget(t)
	if s.options.Faults.upgrade(w, r, s.closed, t.draw, refuse) {
		return
	}
	s.run(w, r, t)
}

const deviceHeader = "X-Tunnel-Device"

func addressOf(remote string) netip.Addr {
	a, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap().WithZone("")
}

func hasToken(h http.Header, name, token string) bool {
	for _, v := range h.Values(name) {
		for part := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// begin makes room for a tunnel.
func (s *Server) begin(r *http.Request, from netip.Addr) (t *session, full bool) {
	t = &session{server: s, from: from, opened: time.Now()}
	t.number.Store(-1)
	if serial, err := strconv.ParseUint(r.Header.Get(deviceHeader), 10, 64); err == nil {
		t.device, t.serial = r.Header.Get(deviceHeader), serial
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || len(s.tunnels) >= s.options.MaxTunnels {
		return nil, true
	}
	s.started++
	t.draw = s.started
	s.work.Add(1)
	c := link.Config{
		Codec: tunnel.NewCodec(s.options.Codec, tunnel.ServerMAC, tunnel.MAC(t.serial)), MTU: s.options.MTU, Ping: s.options.Ping,
		Hold: s.options.Hold, Receive: t.receive, Faults: s.options.Faults.link(t.draw),
	}
	t.link = link.New(c)
	s.tunnels[t] = struct{}{}
	return t, false
}

func (s *Server) forget(t *session) {
	if i := t.number.Load(); i >= 0 {
		s.routes[i].CompareAndSwap(t, nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tunnels, t)
	s.ended.Add(t.link.Counts())
	s.ended.Spoofed += t.spoofed.Load()
	s.ended.Elsewhere += t.elsewhere.Load()
}

// run upgrades the connection and carries its packets.
func (s *Server) run(w http.ResponseWriter, r *http.Request, t *session) {
	if s.options.Assign {
		i, ok := s.assign(t)
		if !ok {
			w.Header().Set("Retry-After", retry)
			http.Error(w, "no address is free", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("X-Tunnel-Address", tunnel.Address(i).String())
	}
	conn, wire, err := t.link.Accept(w, r)
	if err != nil {
		s.log(role.Record{Event: "tunnel.open", Outcome: string(tunnel.BadUpgrade), Note: "from " + t.from.String()}, t.device)
		return
	}
	record, err := s.options.Record.Begin(t.device, r.Header, w.Header(), http.StatusSwitchingProtocols)
	switch {
	case err != nil:
		s.log(role.Record{Event: "record", Outcome: "failed", Note: err.Error()}, t.device)
	case record != nil:
		s.log(role.Record{Event: "record", Note: record.Files()}, t.device)
	}
	t.link.SetRecording(record)
	s.log(role.Record{Event: "tunnel.open", Outcome: string(tunnel.Opened), Status: http.StatusSwitchingProtocols, Note: "from " + t.from.String()}, t.device)
	if t.number.Load() >= 0 {
		s.ready(t, "assigned")
	}
	s.options.Faults.opened(t)
	end := t.link.Run(conn, wire)
	s.log(role.Record{
		Event: "tunnel.close", Outcome: string(end.Outcome), Status: end.Code,
		Note: fmt.Sprintf("%s, %d spoofed", end.Note("the server", "the device", time.Since(t.opened), t.link.Counts()), t.spoofed.Load()),
	}, t.device)
}

// log writes a record about a device, by its serial number.
func (s *Server) log(r role.Record, serial string) {
	r.Wall = time.Now()
	if n, err := strconv.ParseUint(serial, 10, 64); err == nil {
		r.Device = device.MAC(tunnel.MAC(n))
	}
	s.options.Log.Add(r)
}

func (s *Server) ready(t *session, mode string) {
	s.log(role.Record{Event: "tunnel.ready", Took: time.Since(t.opened), Note: fmt.Sprintf("address %v %s, codec %s", tunnel.Address(int(t.number.Load())), mode, t.link.CodecName())}, t.device)
}

// assign gives a tunnel the address of its device, or a free one (WT-ADR-2).
func (s *Server) assign(t *session) (int, bool) {
	first, _ := tunnel.Number(tunnel.Derived(t.serial))
	if t.device != "" && s.take(t, first) {
		return first, true
	}
	for n := range tunnel.Addresses {
		if i := (first + n) % tunnel.Addresses; s.routes[i].Load() == nil && s.take(t, i) {
			return i, true
		}
	}
	return 0, false
}

// take gives a tunnel an address, if it is free or of the same device, whose older
// tunnel is closed then (WT-ADR-3).
func (s *Server) take(t *session, i int) bool {
	for {
		older := s.routes[i].Load()
		if older != nil && (older.device == "" || older.device != t.device) {
			return false
		}
		if s.routes[i].CompareAndSwap(older, t) {
			t.number.Store(int64(i))
			if older != nil {
				s.work.Go(func() { older.link.Close(link.Superseded, "superseded") })
			}
			return true
		}
	}
}

// Bounds of wrong sources (WT-SEC-1).
const (
	spoofWindow = time.Minute
	mostSpoofed = 100
)

// receive takes a packet from a device.
func (t *session) receive(packet []byte, head tunnel.Packet) {
	s := t.server
	if !t.met {
		t.met = true
		s.options.Faults.met(t)
	}
	if t.number.Load() < 0 {
		i, ok := tunnel.Number(head.Source)
		switch {
		case !ok:
		case s.take(t, i):
			s.ready(t, "learnt")
		default:
			s.work.Go(func() { t.link.Close(link.Policy, "address in use") })
			return
		}
	}
	i, ok := tunnel.Number(head.Source)
	switch {
	case !ok || int64(i) != t.number.Load():
		t.spoofed.Add(1)
		if now := time.Now(); now.Sub(t.window) > spoofWindow {
			t.window, t.inWindow = now, 0
		}
		if t.inWindow++; t.inWindow == mostSpoofed {
			s.work.Go(func() { t.link.Close(link.Policy, "packets of other addresses") })
		}
	case head.Target != tunnel.Server:
		t.elsewhere.Add(1)
	default:
		s.stack.Deliver(packet)
	}
}

// all returns the tunnels, the oldest first.
func (s *Server) all() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*session, 0, len(s.tunnels))
	for t := range s.tunnels {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *session) int { return a.opened.Compare(b.opened) })
	return list
}
