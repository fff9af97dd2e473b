package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
	"provsim/internal/role/tunnel/netstack"
)

// Options say what the devices are and where they connect to.
type Options struct {
	Access
	// Parameters of a device; all are equal where the devices share them.
	Parameters func(device int) tunnel.Parameters
	Serial     func(device int) uint64 // its serial number
	Fixed      netip.Addr              // the address of --address, for one device
	Codec      string
	MTU        int
	Ping       time.Duration // 0: none
	Product    string        // for the system group and the device's page
	Community  string        // of SNMP
	File       string        // the path that the service http fetches
	QoEBytes   int           // of a report
	Record     *link.Recorder
	Log        *role.Log // nil: none
	// Learn keeps what is learnt about the server, for Learnt. It is for one device.
	Learn bool
}

// Overlay opens real tunnels. It is a [Network].
type Overlay struct {
	options Options
	stack   *netstack.Stack
	report  func(Event)
	ctx     context.Context
	end     context.CancelFunc
	work    sync.WaitGroup

	mu       sync.Mutex
	tunnels  map[int]*session                          // by device
	sessions map[int]tls.ClientSessionCache            // by device
	changed  map[int]chan struct{}                     // by device: closed when a tunnel opens
	routes   [tunnel.Addresses]atomic.Pointer[session] // by address

	counts  link.Counts // of tunnels that have ended
	learnt  learnt
	spoofed atomic.Int64
	boot    time.Time
}

// session is a device's tunnel, from the attempt on.
type session struct {
	device int
	serial uint64
	id     uint64 // of the attempt
	cancel context.CancelFunc
	link   *link.Link

	addr netip.Addr
	host *netstack.Host // nil until the tunnel is open
	busy [tunnel.All]atomic.Bool

	before *session      // of the device: it has to be gone first
	done   chan struct{} // closed when this one is
}

// NewOverlay returns the network of devices. Report gets the events, from any
// goroutine.
func NewOverlay(o Options, report func(Event)) (*Overlay, error) {
	n := &Overlay{
		options: o, report: report, boot: time.Now(),
		tunnels: map[int]*session{}, sessions: map[int]tls.ClientSessionCache{}, changed: map[int]chan struct{}{},
	}
	n.ctx, n.end = context.WithCancel(context.Background())
	var err error
	if n.stack, err = netstack.New(o.MTU, n.send); err != nil {
		return nil, err
	}
	n.stack.Answer(1024, []uint16{webPort, snmpPort}, n.answer)
	return n, nil
}

// Close ends all tunnels at once, and waits for their goroutines.
func (n *Overlay) Close() {
	n.end()
	n.mu.Lock()
	for _, s := range n.tunnels {
		s.cancel()
		s.link.Reset()
	}
	n.mu.Unlock()
	n.work.Wait()
	n.stack.Close()
}

// Goodbye ends all tunnels in order, as before a planned restart (WT-LIFE-1), and
// waits at most 5 s for it.
func (n *Overlay) Goodbye() {
	n.mu.Lock()
	var ends []*session
	for _, s := range n.tunnels {
		if s.host != nil {
			ends = append(ends, s)
		}
	}
	n.mu.Unlock()
	var all sync.WaitGroup
	for _, s := range ends {
		all.Go(func() { s.link.Close(link.Restart, "") })
	}
	all.Wait()
}

// send gives a packet of the stack to the tunnel of its source.
func (n *Overlay) send(packet []byte) {
	head, ok := tunnel.ParsePacket(packet)
	if !ok {
		return
	}
	if i, ok := tunnel.Number(head.Source); ok {
		if s := n.routes[i].Load(); s != nil {
			s.link.Send(packet)
		}
	}
}

// Dial opens a tunnel (tunnel.Dial). The attempt's number comes back in the events.
func (n *Overlay) Dial(device int, id uint64) {
	o := &n.options
	serial := o.Serial(device)
	s := &session{device: device, serial: serial, id: id, done: make(chan struct{})}
	ctx, cancel := context.WithTimeout(n.ctx, tunnel.ConnectTime)
	s.cancel = cancel
	a := &attempt{Access: &o.Access, parameters: o.Parameters(device), serial: serial}
	c := link.Config{
		Codec: tunnel.NewCodec(o.Codec, tunnel.MAC(serial), tunnel.ServerMAC), MTU: o.MTU, Ping: o.Ping,
		Receive: func(packet []byte, head tunnel.Packet) { n.receive(s, packet, head) },
	}
	s.link = link.New(c)
	n.mu.Lock()
	s.before = n.tunnels[device]
	n.tunnels[device] = s
	if a.parameters.Secured {
		if n.sessions[device] == nil {
			n.sessions[device] = tls.NewLRUClientSessionCache(1)
		}
		a.sessions = n.sessions[device]
	}
	n.mu.Unlock()
	n.work.Go(func() {
		defer cancel()
		n.run(ctx, s, a)
	})
}

// run is the life of one attempt and its tunnel. Its stack is small while the tunnel is
// open.
func (n *Overlay) run(ctx context.Context, s *session, a *attempt) {
	defer close(s.done)
	if c := n.enter(ctx, s, a); c != nil {
		begun := time.Now()
		n.ended(s, s.link.Run(c.WebSocket, c.Wire), begun)
	}
}

// enter opens a tunnel. It returns nil where the attempt has failed.
func (n *Overlay) enter(ctx context.Context, s *session, a *attempt) *Connection {
	if s.before != nil {
		<-s.before.done // it is being closed, which takes 5 s at most
		s.before = nil
	}
	c, failure := a.dial(ctx, s.link)
	s.cancel()
	n.learn(func(l *learnt) { l.upgrade(a, c, failure) })
	if failure == nil {
		failure = n.join(s, c)
	}
	n.logOpen(s, a.times, failure)
	if failure != nil {
		if c != nil {
			c.WebSocket.CloseNow()
		}
		n.forget(s)
		n.report(Event{Device: s.device, ID: s.id, Times: a.times, End: link.End{Outcome: failure.Outcome}, RetryAfter: failure.RetryAfter})
		return nil
	}
	record, err := n.options.Record.Begin(fmt.Sprint(s.serial), c.Request, c.Answer, a.times.Status)
	n.logRecord(s, record, err)
	s.link.SetRecording(record)
	n.report(Event{Device: s.device, ID: s.id, Times: a.times, Opened: true})
	if n.options.Learn {
		s.link.Send(tunnel.Echo(s.addr, tunnel.Server, 1, 1, []byte("provsim!")))
	}
	return c
}

// ended is for a tunnel that was open since a time.
func (n *Overlay) ended(s *session, end link.End, begun time.Time) {
	n.learn(func(l *learnt) { l.ended(s.link, end) })
	n.leave(s)
	n.logClose(s, end, time.Since(begun))
	n.report(Event{Device: s.device, ID: s.id, End: end, RoundTrip: s.link.RoundTrip()})
}

// join gives the device its address and its place on the stack (WT-ADR-2).
func (n *Overlay) join(s *session, c *Connection) *Failure {
	s.addr = tunnel.Derived(s.serial)
	switch {
	case n.options.Fixed.IsValid():
		s.addr = n.options.Fixed
	case c.Assigned.IsValid():
		s.addr = c.Assigned
	}
	i, ok := tunnel.Number(s.addr)
	if !ok {
		return &Failure{Outcome: tunnel.BadUpgrade, Note: "X-Tunnel-Address is outside of 169.254.1.0 to 169.254.254.255"}
	}
	host, err := n.stack.Add(s.addr)
	if err != nil {
		return &Failure{Outcome: tunnel.BadUpgrade, Note: "another device of this run has the address " + s.addr.String()}
	}
	n.mu.Lock()
	s.host = host
	if c := n.changed[s.device]; c != nil {
		close(c)
		delete(n.changed, s.device)
	}
	n.mu.Unlock()
	n.routes[i].Store(s)
	return nil
}

func (n *Overlay) leave(s *session) {
	if i, ok := tunnel.Number(s.addr); ok {
		n.routes[i].CompareAndSwap(s, nil)
	}
	s.host.Close()
	n.forget(s)
}

func (n *Overlay) forget(s *session) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s.host = nil
	n.counts.Add(s.link.Counts())
	if n.tunnels[s.device] == s {
		delete(n.tunnels, s.device)
	}
}

// receive takes a packet for a device, of the server alone (WT-SEC-1).
func (n *Overlay) receive(s *session, packet []byte, head tunnel.Packet) {
	if head.Source != tunnel.Server || head.Target != s.addr {
		n.spoofed.Add(1)
		return
	}
	n.learn(func(l *learnt) { l.packet(packet) })
	n.stack.Deliver(packet)
}

// CloseTunnel ends a device's tunnel by a close frame (WT-LIFE-1, WT-PAR-5).
func (n *Overlay) CloseTunnel(device int, changed bool) {
	code := link.Restart
	if changed {
		code = link.Reconfigured
	}
	if s := n.session(device); s != nil {
		s.cancel()
		n.work.Go(func() { s.link.Close(code, "") })
	}
}

// Drop ends a device's tunnel at once: the power is gone.
func (n *Overlay) Drop(device int) {
	if s := n.session(device); s != nil {
		s.cancel()
		s.link.Reset()
	}
}

func (n *Overlay) session(device int) *session {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.tunnels[device]
}

// DialContext opens a connection of a device in the overlay. It waits until the
// tunnel is open.
func (n *Overlay) DialContext(ctx context.Context, device int, network, address string) (net.Conn, error) {
	for {
		n.mu.Lock()
		if s := n.tunnels[device]; s != nil && s.host != nil {
			host := s.host
			n.mu.Unlock()
			return host.Dial(ctx, network, address)
		}
		opened := n.changed[device]
		if opened == nil {
			opened = make(chan struct{})
			n.changed[device] = opened
		}
		n.mu.Unlock()
		select {
		case <-opened:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-n.ctx.Done():
			return nil, netstack.ErrClosed
		}
	}
}

// Totals returns the counts of all tunnels, and how many packets came in that were
// not for the device or not of the server.
func (n *Overlay) Totals() (link.Counts, int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	sum := n.counts
	for _, s := range n.tunnels {
		sum.Add(s.link.Counts())
	}
	return sum, n.spoofed.Load()
}

func (n *Overlay) log(s *session, r role.Record) {
	if n.options.Log == nil {
		return
	}
	r.Wall, r.Device = time.Now(), device.MAC(tunnel.MAC(s.serial))
	n.options.Log.Add(r)
}

func (n *Overlay) logOpen(s *session, t Times, f *Failure) {
	r := role.Record{Event: "tunnel.open", URL: t.URL, Took: t.Whole, Status: t.Status, Outcome: string(tunnel.Opened)}
	r.Note = fmt.Sprintf("dns %v, connect %v", t.DNS.Round(time.Microsecond), t.Connect.Round(time.Microsecond))
	if t.Secure && t.Handshake > 0 {
		kind := "full"
		if t.Resumed {
			kind = "resumed"
		}
		r.Note += fmt.Sprintf(", TLS %v %s", t.Handshake.Round(time.Microsecond), kind)
	}
	if f != nil {
		r.Outcome = string(f.Outcome)
		if f.Note != "" {
			r.Note = f.Note
		}
		n.log(s, r)
		return
	}
	n.log(s, r)
	mode := "derived"
	switch {
	case n.options.Fixed.IsValid():
		mode = "fixed"
	case s.addr != tunnel.Derived(s.serial):
		mode = "assigned"
	}
	n.log(s, role.Record{Event: "tunnel.ready", Took: t.Whole, Note: fmt.Sprintf("address %v %s, codec %s, VRF main-vrf", s.addr, mode, s.link.CodecName())})
}

func (n *Overlay) logRecord(s *session, r *link.Recording, err error) {
	switch {
	case err != nil:
		n.log(s, role.Record{Event: "record", Outcome: "failed", Note: err.Error()})
	case r != nil:
		n.log(s, role.Record{Event: "record", Note: r.Files()})
	}
}

func (n *Overlay) logClose(s *session, end link.End, stood time.Duration) {
	n.log(s, role.Record{
		Event: "tunnel.close", Outcome: string(end.Outcome), Status: end.Code,
		Note: end.Note("the device", "the server", stood, s.link.Counts()),
	})
}
