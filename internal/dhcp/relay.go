package dhcp

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
	"syscall"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
)

// serverPort is where servers and relay agents listen (RFC 2131 section 4.1).
const serverPort = 67

// receiveBuffer is what a socket gets for the answers to a whole building. The
// usual 208 KiB hold about 250 packets, and what comes on top is lost without
// a word.
const receiveBuffer = 16 << 20

// A RelayConfig says where a relay agent stands.
type RelayConfig struct {
	// Server is the server's address or name, with a port unless that is 67.
	Server string
	// Listen is the agent's own address, which servers answer to, with a port
	// unless that is 67; port 0 is a free one. Empty is the address of this
	// machine from which the server is reached.
	Listen string
	// Circuit returns the circuit identifier that the agent adds to a client's
	// messages (RFC 3046 section 3.1). Nil adds none.
	Circuit func(device.MAC) string
}

// A Relay is a relay agent before any number of clients (RFC 1542 section 4):
// one socket, from which all their messages go to one server.
//
// Messages that a client would send to the server by unicast go through the relay
// too, as if the agent had replaced the server identifier (RFC 5107). The clients'
// addresses exist on no interface, so answers could not reach them.
//
// An agent on another port than 67 says so by sub-option 19 (RFC 8357). A
// server that does not know it answers to port 67, where no client listens.
type Relay struct {
	conn      *net.UDPConn
	server    netip.AddrPort
	giaddr    netip.Addr
	ownPort   bool // a port of its own, not 67
	circuit   func(device.MAC) string
	malformed atomic.Uint64
	overflown atomic.Uint64
}

// OpenRelay opens the socket of a relay agent.
func OpenRelay(config RelayConfig) (*Relay, error) {
	server, err := resolve(config.Server)
	if err != nil {
		return nil, fmt.Errorf("DHCP server %q: %w", config.Server, err)
	}
	listen, err := relayAddr(config.Listen, server)
	if err != nil {
		return nil, fmt.Errorf("relay agent's address %q: %w", config.Listen, err)
	}
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(listen))
	switch {
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("relay agent on port %d needs CAP_NET_BIND_SERVICE, or another port and a server that answers to it (RFC 8357): %w", listen.Port(), err)
	case err != nil:
		return nil, fmt.Errorf("relay agent: %w", err)
	}
	if err := prepare(conn); err != nil {
		conn.Close()
		return nil, fmt.Errorf("relay agent's receive buffer: %w", err)
	}
	r := &Relay{conn: conn, server: server, giaddr: listen.Addr(), circuit: config.Circuit}
	r.ownPort = r.Addr().Port() != serverPort
	return r, nil
}

// resolve returns the IPv4 address and port of a server.
func resolve(server string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		host, port = server, strconv.Itoa(serverPort)
	}
	if host == "" || port == "" {
		return netip.AddrPort{}, fmt.Errorf("found host %q and port %q, want both, or a host alone", host, port)
	}
	addr, err := net.ResolveUDPAddr("udp4", net.JoinHostPort(host, port))
	if err != nil {
		return netip.AddrPort{}, err
	}
	at := addr.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), nil
}

// relayAddr returns where a relay agent listens. It is one address, never the
// wildcard: the agent's address goes into each packet, and the kernel finds the
// socket of an address sooner than one of all addresses.
func relayAddr(listen string, server netip.AddrPort) (netip.AddrPort, error) {
	if listen != "" {
		at, err := resolve(listen)
		if err == nil && at.Addr().IsUnspecified() {
			err = errors.New("want one address, which servers answer to")
		}
		return at, err
	}
	route, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(server)) // sends nothing
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer route.Close()
	return netip.AddrPortFrom(route.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), serverPort), nil
}

// Addr returns the agent's own address and port.
func (r *Relay) Addr() netip.AddrPort {
	return netip.AddrPortFrom(r.giaddr, r.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port())
}

// Send forwards a message to the server.
func (r *Relay) Send(c *Client, m Message) error {
	p := c.packet(m)
	p.HopCount, p.GatewayIPAddr = 1, ipOf(r.giaddr)
	if info := r.information(c.MAC); len(info) > 0 {
		p.Options[dhcpv4.OptionRelayAgentInformation.Code()] = info.ToBytes()
	}
	_, err := r.conn.WriteToUDPAddrPort(p.ToBytes(), r.server)
	return err
}

// information returns the sub-options of option 82.
func (r *Relay) information(mac device.MAC) dhcpv4.Options {
	info := dhcpv4.Options{}
	if r.circuit != nil {
		if id := r.circuit(mac); id != "" {
			info[dhcpv4.AgentCircuitIDSubOption.Code()] = []byte(id)
		}
	}
	if r.ownPort {
		info[dhcpv4.RelaySourcePortSubOption.Code()] = nil
	}
	return info
}

// Hold does nothing: a client is reached through the relay alone.
func (r *Relay) Hold(*Client, netip.Addr) {}

// Receive hands replies to deliver, in the goroutine that calls it, until the
// relay is closed. Its error is then nil.
func (r *Relay) Receive(deliver func(*Reply)) error {
	packet, control := make([]byte, 64<<10), make([]byte, controlSize)
	for {
		n, controlled, _, _, err := r.conn.ReadMsgUDPAddrPort(packet, control)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("relay agent: %w", err)
		}
		if lost, ok := overflow(control[:controlled]); ok {
			r.overflown.Store(uint64(lost))
		}
		reply, err := Decode(packet[:n])
		if err != nil || !bytes.Equal(packet[giaddrAt:giaddrAt+4], r.giaddr.AsSlice()) {
			r.malformed.Add(1)
			continue
		}
		deliver(reply)
	}
}

// Malformed returns how many packets came that were no replies through this
// agent. It may be called from any goroutine.
func (r *Relay) Malformed() uint64 { return r.malformed.Load() }

// Overflown returns how many packets the kernel threw away, as far as it
// tells, because this program did not take them out of the receive buffer in
// time. It may be called from any goroutine.
func (r *Relay) Overflown() uint64 { return r.overflown.Load() }

// Close ends Receive.
func (r *Relay) Close() error { return r.conn.Close() }
