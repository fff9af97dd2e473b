package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"

	"provsim/device"
)

// receiveBuffer is what the socket gets for the messages of many clients that
// are switched on at once, as far as the system lets it.
const receiveBuffer = 4 << 20

// A Server leases addresses until it is closed.
type Server struct {
	conn      *net.UDPConn
	allocator allocator
	start     time.Time
	ended     chan struct{}

	mu     sync.Mutex
	faults Faults
}

// Start opens the server's socket and begins to answer. An error says what is
// wrong with the configuration, or which address cannot be had.
func Start(config Config) (*Server, error) {
	config, err := config.check()
	if err != nil {
		return nil, err
	}
	addr, err := net.ResolveUDPAddr("udp4", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("DHCP server's address: %w", err)
	}
	conn, err := net.ListenUDP("udp4", addr)
	if err != nil {
		return nil, fmt.Errorf("DHCP server: %w", err)
	}
	if err := conn.SetReadBuffer(receiveBuffer); err != nil {
		conn.Close()
		return nil, fmt.Errorf("DHCP server's receive buffer: %w", err)
	}
	s := &Server{conn: conn, start: time.Now(), ended: make(chan struct{})}
	if !config.ID.IsValid() {
		config.ID = s.Addr().Addr()
	}
	s.allocator = allocator{config: config, bindings: newBindings(config.Pools)}
	go s.serve()
	return s, nil
}

// Addr returns where the server listens.
func (s *Server) Addr() netip.AddrPort {
	at := s.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// SetFaults has the server go wrong from the next message on. It may be called
// at any time.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// Close ends the server, and returns when nothing of it is left. Its error is
// always nil.
func (s *Server) Close() error {
	s.conn.Close()
	<-s.ended
	return nil
}

// serve answers messages until the socket is closed.
func (s *Server) serve() {
	defer close(s.ended)
	packet := make([]byte, 64<<10)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(packet)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		p, err := dhcpv4.FromBytes(packet[:n])
		if err == nil && fromClient(p) {
			s.message(p, from)
		}
	}
}

// fromClient reports whether a packet is the message of a client on Ethernet.
func fromClient(p *dhcpv4.DHCPv4) bool {
	return p.OpCode == dhcpv4.OpcodeBootRequest && p.HWType == iana.HWTypeEthernet && len(p.ClientHWAddr) == len(device.MAC{})
}

// message answers one message, well or badly.
func (s *Server) message(p *dhcpv4.DHCPv4, from netip.AddrPort) {
	s.mu.Lock()
	faults := s.faults
	s.mu.Unlock()
	agent := addrOf(p.GatewayIPAddr)
	answer, served := s.judge(p, agent, faults)
	to := netip.AddrPortFrom(agent, s.portOf(p, from))
	s.send(answer, to)
	if faults.Rogue.IsValid() && !faults.Silent && agent.IsValid() {
		s.send(s.allocator.rogue(p, faults.Rogue), to)
	}
	if s.allocator.config.Served != nil {
		s.allocator.config.Served(served)
	}
}

// judge returns the answer to a message, or nil for silence, and what is to be
// told about it.
func (s *Server) judge(p *dhcpv4.DHCPv4, agent netip.Addr, faults Faults) (*dhcpv4.DHCPv4, Served) {
	request := p.MessageType() == dhcpv4.MessageTypeRequest
	served := Served{Client: device.MAC(p.ClientHWAddr), Message: p.MessageType().String()}
	switch {
	case !agent.IsValid():
		served.Note = "not from a relay agent"
	case faults.Silent, faults.SilentAfterOffer && request:
		served.Note = "silent by a fault"
	case faults.Refuse && request:
		served.Answer, served.Note = "NAK", "refused by a fault"
		return s.allocator.nak(p), served
	default:
		return s.allocator.answer(time.Since(s.start), p)
	}
	return nil, served
}

// portOf returns where a relay agent wants its answer: on its own port, if it
// says so (RFC 8357), else where all agents listen.
func (s *Server) portOf(p *dhcpv4.DHCPv4, from netip.AddrPort) uint16 {
	if info := p.RelayAgentInfo(); info != nil && info.Has(dhcpv4.RelaySourcePortSubOption) {
		return from.Port()
	}
	return s.allocator.config.RelayPort
}

// send sends a reply, if there is one. What cannot be sent is lost, like any
// datagram; the client asks again.
func (s *Server) send(r *dhcpv4.DHCPv4, to netip.AddrPort) {
	if r != nil {
		_, _ = s.conn.WriteToUDPAddrPort(r.ToBytes(), to)
	}
}
