// Package netstack is an IPv4 stack in this process, without a device of the
// system, a route or a privilege (WT-SVC-1).
//
// A [Stack] has one interface, which passes the packets that leave it to a
// function and takes those that arrive by [Stack.Deliver]. Any number of [Host]s
// live on it, each with an address of its own. So thousands of devices share one
// stack, and cost no goroutine while they are idle.
//
// It is the only package that knows gvisor.
package netstack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/time/rate"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/log"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"
)

const nic = 1

// window is what one TCP connection has under way, in bytes. It is less than what
// fits into the queue of a tunnel, so that a single transfer does not overflow it.
const window = 160 << 10

// timeWait is how long a closed TCP connection is remembered.
const timeWait = 5 * time.Second

// Stack is an IPv4 stack with one interface.
type Stack struct {
	stack *stack.Stack
	link  *link
}

// New returns a stack whose packets have at most mtu bytes. Send gets each packet
// that leaves it, from any goroutine; it may keep the bytes, and must not wait.
func New(mtu int, send func(packet []byte)) (*Stack, error) {
	quiet.Do(func() { log.SetTarget(emitter{}) }) // it would write to standard error
	s := &Stack{
		link: &link{mtu: uint32(mtu), send: send},
		stack: stack.New(stack.Options{
			NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
			TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4},
		}),
	}
	// The limit of ICMP messages of one machine would be one for all devices.
	s.stack.SetICMPLimit(rate.Inf)
	sack, wait := tcpip.TCPSACKEnabled(true), tcpip.TCPTimeWaitTimeoutOption(timeWait)
	in := tcpip.TCPReceiveBufferSizeRangeOption{Min: 4 << 10, Default: window, Max: window}
	out := tcpip.TCPSendBufferSizeRangeOption{Min: 4 << 10, Default: window, Max: window}
	for _, option := range []tcpip.SettableTransportProtocolOption{&sack, &wait, &in, &out} {
		if err := s.stack.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return nil, failure("option", err)
		}
	}
	if err := s.stack.CreateNIC(nic, s.link); err != nil {
		return nil, failure("interface", err)
	}
	s.stack.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}})
	return s, nil
}

func failure(what string, err tcpip.Error) error {
	return fmt.Errorf("IP stack, %s: %v", what, err)
}

// Deliver takes a packet that arrives. It does not keep the bytes.
func (s *Stack) Deliver(packet []byte) {
	p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
	s.link.deliver(p)
	p.DecRef()
}

// Close ends the stack and all that is on it.
func (s *Stack) Close() {
	s.stack.Destroy()
}

// Answer makes the stack pass what comes for a host, and that no socket of it
// waits for: TCP connections, and UDP datagrams as connections with one datagram
// to read. Host and port are those of the local address. Each call of serve has a
// goroutine, of which there are at most most at once; then others are refused.
func (s *Stack) Answer(most int, ports []uint16, serve func(net.Conn)) {
	room := make(chan struct{}, most)
	run := func(conn net.Conn) {
		defer func() { <-room }()
		defer conn.Close()
		serve(conn)
	}
	s.stack.SetTransportProtocolHandler(tcp.ProtocolNumber, tcp.NewForwarder(s.stack, 0, most, func(r *tcp.ForwarderRequest) {
		if !slices.Contains(ports, r.ID().LocalPort) {
			r.Complete(true)
			return
		}
		select {
		case room <- struct{}{}:
		default:
			r.Complete(true)
			return
		}
		var queue waiter.Queue
		ep, err := r.CreateEndpoint(&queue)
		r.Complete(err != nil)
		if err != nil {
			<-room
			return
		}
		run(gonet.NewTCPConn(&queue, ep)) // the forwarder calls in a goroutine
	}).HandlePacket)
	s.stack.SetTransportProtocolHandler(udp.ProtocolNumber, udp.NewForwarder(s.stack, func(r *udp.ForwarderRequest) bool {
		if !slices.Contains(ports, r.ID().LocalPort) {
			return false
		}
		select {
		case room <- struct{}{}:
		default:
			return true
		}
		var queue waiter.Queue
		ep, err := r.CreateEndpoint(&queue)
		if err != nil {
			<-room
			return true
		}
		go run(gonet.NewUDPConn(&queue, ep))
		return true
	}).HandlePacket)
}

// A Host has one address of the stack.
type Host struct {
	stack *Stack
	addr  tcpip.Address

	mu     sync.Mutex
	conns  map[*conn]struct{} // open ones
	closed bool
}

// ErrClosed says that a host has left the stack.
var ErrClosed = errors.New("the tunnel is closed")

// Add puts a host with an address on the stack.
func (s *Stack) Add(a netip.Addr) (*Host, error) {
	h := &Host{stack: s, addr: tcpip.AddrFrom4(a.As4())}
	if err := s.stack.AddProtocolAddress(nic, tcpip.ProtocolAddress{
		Protocol: ipv4.ProtocolNumber, AddressWithPrefix: tcpip.AddressWithPrefix{Address: h.addr, PrefixLen: 32},
	}, stack.AddressProperties{}); err != nil {
		return nil, failure("address "+a.String(), err)
	}
	return h, nil
}

// Close takes the host off the stack and ends its connections (WT-LIFE-4).
func (h *Host) Close() {
	h.mu.Lock()
	conns := h.conns
	h.conns, h.closed = nil, true
	h.mu.Unlock()
	for c := range conns {
		c.ep.Abort()
	}
	h.stack.stack.RemoveAddress(nic, h.addr)
}

// conn is a connection that its host knows as long as it is open.
type conn struct {
	net.Conn
	host *Host
	ep   tcpip.Endpoint
}

// CloseWrite ends the stream to the peer.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func (h *Host) keep(c net.Conn, ep tcpip.Endpoint) (net.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		c.Close()
		return nil, ErrClosed
	}
	if h.conns == nil {
		h.conns = map[*conn]struct{}{}
	}
	kept := &conn{c, h, ep}
	h.conns[kept] = struct{}{}
	return kept, nil
}

// Close closes the connection.
func (c *conn) Close() error {
	c.host.mu.Lock()
	delete(c.host.conns, c)
	c.host.mu.Unlock()
	return c.Conn.Close()
}

// Dial opens a connection to an address of the overlay: "tcp" or "udp". It is of
// the form of [net.Dialer.DialContext], and takes no host names.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !to.Addr().Is4() {
		return nil, fmt.Errorf("address %q: the overlay has IPv4 addresses and no names", address)
	}
	from, remote := h.at(0), tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFrom4(to.Addr().As4()), Port: to.Port()}
	protocol := tcp.ProtocolNumber
	if network == "udp" || network == "udp4" {
		protocol = udp.ProtocolNumber
	}
	queue := &waiter.Queue{}
	ep, failed := h.stack.stack.NewEndpoint(protocol, ipv4.ProtocolNumber, queue)
	if failed != nil {
		return nil, failure("socket", failed)
	}
	if failed := h.connect(ctx, ep, queue, from, remote); failed != nil {
		ep.Close()
		return nil, &net.OpError{Op: "dial", Net: network, Addr: net.TCPAddrFromAddrPort(to), Err: failed}
	}
	if protocol == udp.ProtocolNumber {
		return h.keep(gonet.NewUDPConn(queue, ep), ep)
	}
	return h.keep(gonet.NewTCPConn(queue, ep), ep)
}

func (h *Host) at(port uint16) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: h.addr, Port: port}
}

func (h *Host) connect(ctx context.Context, ep tcpip.Endpoint, queue *waiter.Queue, from, to tcpip.FullAddress) error {
	entry, ready := waiter.NewChannelEntry(waiter.WritableEvents | waiter.EventHUp | waiter.EventErr)
	queue.EventRegister(&entry)
	defer queue.EventUnregister(&entry)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := ep.Bind(from); err != nil {
		return cause(err)
	}
	err := ep.Connect(to)
	if _, started := err.(*tcpip.ErrConnectStarted); started {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ready:
		}
		err = ep.LastError()
	}
	if err != nil {
		return cause(err)
	}
	return nil
}

// cause returns the system's error for one of the stack, where callers look for it.
func cause(err tcpip.Error) error {
	switch err.(type) {
	case *tcpip.ErrConnectionRefused:
		return syscall.ECONNREFUSED
	case *tcpip.ErrConnectionReset, *tcpip.ErrAborted, *tcpip.ErrConnectionAborted:
		return syscall.ECONNRESET
	case *tcpip.ErrHostUnreachable, *tcpip.ErrNetworkUnreachable, *tcpip.ErrBadLocalAddress:
		return syscall.EHOSTUNREACH
	case *tcpip.ErrTimeout:
		return syscall.ETIMEDOUT
	}
	return errors.New(err.String())
}

// ListenTCP takes connections to a port of the host.
func (h *Host) ListenTCP(port uint16) (net.Listener, error) {
	l, err := gonet.ListenTCP(h.stack.stack, h.at(port), ipv4.ProtocolNumber)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// ListenUDP takes datagrams to a port of the host.
func (h *Host) ListenUDP(port uint16) (net.PacketConn, error) {
	at := h.at(port)
	c, err := gonet.DialUDP(h.stack.stack, &at, nil, ipv4.ProtocolNumber)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// link is the stack's interface.
type link struct {
	mtu  uint32
	send func([]byte)

	mu         sync.RWMutex
	dispatcher stack.NetworkDispatcher
}

func (l *link) deliver(p *stack.PacketBuffer) {
	l.mu.RLock()
	d := l.dispatcher
	l.mu.RUnlock()
	if d != nil {
		d.DeliverNetworkPacket(ipv4.ProtocolNumber, p)
	}
}

// WritePackets gives the packets to the stack's owner, each as one copy.
func (l *link) WritePackets(list stack.PacketBufferList) (int, tcpip.Error) {
	for _, p := range list.AsSlice() {
		packet := make([]byte, 0, p.Size())
		for _, part := range p.AsSlices() {
			packet = append(packet, part...)
		}
		l.send(packet)
	}
	return list.Len(), nil
}

// Attach and the methods below are those of a [stack.LinkEndpoint].
func (l *link) Attach(d stack.NetworkDispatcher) {
	l.mu.Lock()
	l.dispatcher = d
	l.mu.Unlock()
}

func (l *link) IsAttached() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.dispatcher != nil
}

func (l *link) MTU() uint32                                { return l.mtu }
func (*link) SetMTU(uint32)                                {}
func (*link) MaxHeaderLength() uint16                      { return 0 }
func (*link) LinkAddress() tcpip.LinkAddress               { return "" }
func (*link) SetLinkAddress(tcpip.LinkAddress)             {}
func (*link) Capabilities() stack.LinkEndpointCapabilities { return 0 }
func (*link) Wait()                                        {}
func (*link) ARPHardwareType() header.ARPHardwareType      { return header.ARPHardwareNone }
func (*link) AddHeader(*stack.PacketBuffer)                {}
func (*link) ParseHeader(*stack.PacketBuffer) bool         { return true }
func (*link) Close()                                       {}
func (*link) SetOnCloseAction(func())                      {}

// SupportedGSO and GSOMaxSize let TCP make many packets in one step
// ([stack.GSOEndpoint]).
func (*link) SupportedGSO() stack.SupportedGSO { return stack.GVisorGSOSupported }
func (*link) GSOMaxSize() uint32               { return stack.GVisorGSOMaxSize }

// LogTo gives the stack's own log, which is one for the process, to a function
// (WT-FLT-5). Without it nothing is written.
func LogTo(write func(text string)) { sink.Store(&write) }

var (
	sink  atomic.Pointer[func(string)]
	quiet sync.Once
)

type emitter struct{}

// Emit writes warnings; what is below them is about single packets.
func (emitter) Emit(_ int, level log.Level, _ time.Time, format string, v ...any) {
	if write := sink.Load(); write != nil && level == log.Warning {
		(*write)(fmt.Sprintf(format, v...))
	}
}
