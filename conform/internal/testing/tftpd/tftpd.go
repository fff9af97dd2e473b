// Package tftpd is a good TFTP server, and ways to break it, for the tests of the
// checks. It serves reads by RFC 1350, 2347, 2348, 2349 and 7440, in both modes, and
// refuses writes.
package tftpd

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"provsim/internal/fetch/tftp"
)

// A Server is the files to serve and the faults. A test does not change it
// while it runs.
type Server struct {
	Files map[string][]byte // by path, which begins with "/"
	// Retransmit is after what time a packet is repeated where the client asks for
	// no other; 0 stands for 1 s, with which a transfer outlasts the time that checks
	// wait for what must not come.
	Retransmit time.Duration
	Faults     Faults

	conn    *net.UDPConn
	work    sync.WaitGroup
	done    chan struct{}
	running atomic.Int32 // transfers
	lines   sync.Map     // the sockets of transfers by the client's address
}

// Start serves on a free port of loopback until the test ends, and returns
// host:port.
func (s *Server) Start(t testing.TB) string {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: loopback})
	if err != nil {
		t.Fatal(err)
	}
	// Hundreds of requests can come before the first is read.
	if err := conn.SetReadBuffer(1 << 20); err != nil {
		t.Fatal(err)
	}
	s.conn, s.done = conn, make(chan struct{})
	s.work.Go(s.listen)
	t.Cleanup(func() {
		close(s.done)
		conn.Close()
		s.work.Wait()
	})
	return conn.LocalAddr().String()
}

var loopback = net.IPv4(127, 0, 0, 1)

// listen begins a transfer for each request, from a port of its own (RFC 1350
// section 4).
func (s *Server) listen() {
	packet := make([]byte, 1<<16)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(packet)
		if err != nil {
			return
		}
		datagram := bytes.Clone(packet[:n])
		if s.Faults.Fatal != nil && s.Faults.Fatal(datagram) {
			s.conn.Close()
			return
		}
		if n < 2 {
			continue
		}
		switch op := binary.BigEndian.Uint16(datagram); {
		case op == opRead || op == opWrite:
			if t := s.begin(from); t != nil {
				s.work.Go(func() { s.serve(t, datagram) })
			}
		case s.Faults.OnePort:
			s.forward(from, datagram)
		case s.Faults.Echo:
			s.conn.WriteToUDPAddrPort(tftp.Packet{Op: tftp.OpError, Code: 4, Message: "not a request"}.Append(nil), from)
		}
	}
}

const (
	opRead  = 1
	opWrite = 2
)

// forward hands a datagram to the transfer of the client that sent it. Another
// client gets error 5.
func (s *Server) forward(from netip.AddrPort, datagram []byte) {
	if line, ok := s.lines.Load(from); ok {
		s.conn.WriteToUDPAddrPort(datagram, line.(*net.UDPConn).LocalAddr().(*net.UDPAddr).AddrPort())
		return
	}
	if p, err := tftp.Parse(datagram); err == nil && p.Op != tftp.OpError {
		s.conn.WriteToUDPAddrPort(tftp.Packet{Op: tftp.OpError, Code: tftp.CodeUnknownTID, Message: "unknown transfer ID"}.Append(nil), from)
	}
}

// begin opens the port of a transfer before the next datagram is read: what the
// client sends next belongs to this transfer.
func (s *Server) begin(client netip.AddrPort) *transfer {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: s.Faults.host()})
	if err != nil {
		return nil
	}
	if earlier, ok := s.lines.Swap(client, conn); ok && s.Faults.Fresh {
		earlier.(*net.UDPConn).Close()
	}
	return &transfer{server: s, conn: conn, client: client}
}

// serve answers one request.
func (s *Server) serve(t *transfer, datagram []byte) {
	n := s.running.Add(1)
	defer s.running.Add(-1)
	defer t.conn.Close()
	defer s.lines.CompareAndDelete(t.client, t.conn)
	if most := s.Faults.Most; most > 0 && int(n) > most {
		t.refuse(0, "too many transfers")
		return
	}
	var ok bool
	if t.asked, ok = parseRequest(datagram[2:]); !ok {
		t.refuse(4, "malformed request")
		return
	}
	if change := s.Faults.Request; change != nil {
		change(&t.asked)
	}
	if binary.BigEndian.Uint16(datagram) == opWrite {
		t.write()
		return
	}
	t.read()
}

// parseRequest reads what follows the operation code.
func parseRequest(rest []byte) (Request, bool) {
	if len(rest) == 0 || rest[len(rest)-1] != 0 {
		return Request{}, false
	}
	texts := strings.Split(string(rest[:len(rest)-1]), "\x00")
	if len(texts) < 2 || len(texts)%2 != 0 || texts[0] == "" {
		return Request{}, false
	}
	if m := strings.ToLower(texts[1]); m != "octet" && m != "netascii" {
		return Request{}, false
	}
	r := Request{Name: texts[0], Mode: texts[1]}
	for i := 2; i < len(texts); i += 2 {
		r.Options = append(r.Options, tftp.Option{Name: texts[i], Value: texts[i+1]})
	}
	return r, true
}

// netascii writes line ends as CR LF and a lone CR as CR NUL (RFC 764).
func netascii(body []byte) []byte {
	out := make([]byte, 0, len(body)+len(body)/16)
	for _, b := range body {
		switch b {
		case '\n':
			out = append(out, '\r', '\n')
		case '\r':
			out = append(out, '\r', 0)
		default:
			out = append(out, b)
		}
	}
	return out
}
