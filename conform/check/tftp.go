package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"provsim/internal/fetch/tftp"
)

// MaxTFTP is how many bytes a conversation takes from a server, over all
// datagrams.
const MaxTFTP = 8 << 20

// ErrSilence says that nothing came within the time that a check waited.
var ErrSilence = errors.New("no answer")

// ErrTooMuch says that a server sent more than [MaxTFTP] or [MaxAnswer].
var ErrTooMuch = errors.New("the server sends without end")

// A TFTPConn is a conversation with the TFTP server, packet by packet, from one
// port of this machine. One goroutine uses it.
type TFTPConn struct {
	ctx    context.Context
	conn   *net.UDPConn
	server netip.AddrPort // the request port
	peer   netip.AddrPort // the server's transfer ID, once it is known
	got    int
	buffer []byte
	stop   func() bool
}

// A Datagram is one that arrived, from any address.
type Datagram struct {
	From netip.AddrPort
	// Raw is what came; Packet is what that means, and Bad why it means nothing.
	// They are valid until the next one is received.
	Raw    []byte
	Packet tftp.Packet
	Bad    error
}

// String says what the datagram is, for a finding's Actual.
func (d Datagram) String() string {
	if d.Bad != nil {
		return fmt.Sprintf("a malformed packet (%v)", d.Bad)
	}
	return d.Packet.String()
}

// OpenTFTP opens a conversation with the target's TFTP server. The caller closes it.
func (p *Probe) OpenTFTP(ctx context.Context) (*TFTPConn, error) {
	server, err := resolve(ctx, p.Server("tftp"))
	if err != nil {
		return nil, fmt.Errorf("address of %s: %w", p.Server("tftp"), err)
	}
	network := "udp4"
	if server.Addr().Is6() {
		network = "udp6"
	}
	conn, err := net.ListenUDP(network, nil)
	if err != nil {
		return nil, fmt.Errorf("socket for TFTP: %w", err)
	}
	t := &TFTPConn{ctx: ctx, conn: conn, server: server, buffer: make([]byte, 1<<16)}
	t.stop = context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Unix(1, 0)) })
	return t, nil
}

// Close ends the conversation without a word to the server.
func (t *TFTPConn) Close() {
	t.stop()
	t.conn.Close()
}

// Peer returns the server's transfer ID, which is where Send sends once the
// server has answered; invalid before that.
func (t *TFTPConn) Peer() netip.AddrPort { return t.peer }

// Server returns the request port.
func (t *TFTPConn) Server() netip.AddrPort { return t.server }

// Send sends a packet to the server's transfer ID, or to its request port as
// long as that is not known.
func (t *TFTPConn) Send(packet tftp.Packet) error { return t.SendRaw(packet.Append(nil)) }

// SendRaw sends any bytes to where Send sends.
func (t *TFTPConn) SendRaw(datagram []byte) error {
	if t.peer.IsValid() {
		return t.SendTo(t.peer, datagram)
	}
	return t.SendTo(t.server, datagram)
}

// SendTo sends any bytes to an address.
func (t *TFTPConn) SendTo(to netip.AddrPort, datagram []byte) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	_, err := t.conn.WriteToUDPAddrPort(datagram, to)
	return err
}

// Ask sends a read request for a file with options.
func (t *TFTPConn) Ask(file string, options ...tftp.Option) error {
	return t.Send(tftp.Packet{Op: tftp.OpRead, File: file, Options: options})
}

// Receive waits for the next datagram. The first one from the server's host
// fixes the peer. The error is ErrSilence, ErrTooMuch, that of the context or
// that of the socket.
func (t *TFTPConn) Receive(wait time.Duration) (Datagram, error) {
	if err := t.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return Datagram{}, err
	}
	if err := t.ctx.Err(); err != nil { // the deadline that its end has set is overwritten
		return Datagram{}, err
	}
	n, from, err := t.conn.ReadFromUDPAddrPort(t.buffer)
	switch {
	case err != nil && t.ctx.Err() != nil:
		return Datagram{}, t.ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Datagram{}, fmt.Errorf("%w within %v", ErrSilence, wait)
	case err != nil:
		return Datagram{}, err
	}
	if t.got += n; t.got > MaxTFTP {
		return Datagram{}, ErrTooMuch
	}
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	if !t.peer.IsValid() && from.Addr() == t.server.Addr() {
		t.peer = from
	}
	d := Datagram{From: from, Raw: t.buffer[:n]}
	d.Packet, d.Bad = tftp.Parse(d.Raw)
	return d, nil
}
