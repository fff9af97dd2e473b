package ipoffice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"time"

	"provsim/internal/fetch/tftp"
	"provsim/internal/role/ipoffice/wire"
)

const (
	blockSize     = 512
	mostTransfers = 64 // of one unit at once
)

// waits are how long an acknowledgement is waited for before a block is sent again; the
// last one ends the transfer (IPO-TFTP-1).
var waits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// errSilent is the error of a peer that does not answer any more.
var errSilent = errors.New("no acknowledgement")

// request reads a TFTP request: options are ignored, and both modes are one (IPO-TFTP-1).
func request(datagram []byte) (name string, write, ok bool) {
	if len(datagram) < 4 || len(datagram) > 2*blockSize {
		return "", false, false
	}
	op := binary.BigEndian.Uint16(datagram)
	file, rest, found := bytes.Cut(datagram[2:], []byte{0})
	mode, _, ended := bytes.Cut(rest, []byte{0})
	known := bytes.EqualFold(mode, []byte("octet")) || bytes.EqualFold(mode, []byte("netascii"))
	return string(file), op == uint16(tftp.OpWrite), (op == uint16(tftp.OpRead) || op == uint16(tftp.OpWrite)) && found && ended && known && len(file) > 0
}

// transfer is one answer, from a port of its own.
type transfer struct {
	conn *net.UDPConn
	peer netip.AddrPort
	buf  [2048]byte
}

func openTransfer(from netip.Addr, peer netip.AddrPort) (*transfer, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)))
	if err != nil {
		return nil, err
	}
	return &transfer{conn: conn, peer: peer}, nil
}

func (t *transfer) refuse(code uint16, note string) {
	t.write(tftp.Packet{Op: tftp.OpError, Code: tftp.Code(code), Message: note[:min(len(note), 200)]})
}

func (t *transfer) write(p tftp.Packet) {
	t.conn.WriteToUDPAddrPort(p.Append(nil), t.peer) // one that is lost is sent again
}

// exchange sends a packet until one comes that is wanted.
func (t *transfer) exchange(p tftp.Packet, wanted func(tftp.Packet) bool) (tftp.Packet, error) {
	for _, wait := range waits {
		t.write(p)
		if err := t.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return tftp.Packet{}, err
		}
		for {
			n, from, err := t.conn.ReadFromUDPAddrPort(t.buf[:])
			if err, ok := err.(net.Error); ok && err.Timeout() {
				break
			}
			if errors.Is(err, net.ErrClosed) {
				return tftp.Packet{}, err
			}
			answer, bad := tftp.Parse(t.buf[:n])
			switch {
			case err != nil || bad != nil:
			case from != t.peer && answer.Op != tftp.OpError:
				stranger := transfer{conn: t.conn, peer: from}
				stranger.refuse(uint16(tftp.CodeUnknownTID), "unknown transfer")
			case from != t.peer:
			case answer.Op == tftp.OpError:
				return answer, errors.New("the peer has ended the transfer")
			case wanted(answer):
				return answer, nil
			}
		}
	}
	return tftp.Packet{}, errSilent
}

// send sends a file, the last block of which is not full.
func (t *transfer) send(body []byte) error {
	for block := 1; ; block++ {
		part := body[:min(len(body), blockSize)]
		body = body[len(part):]
		n := uint16(block)
		_, err := t.exchange(tftp.Packet{Op: tftp.OpData, Block: n, Data: part}, func(a tftp.Packet) bool {
			return a.Op == tftp.OpAck && a.Block == n
		})
		if err != nil || len(part) < blockSize {
			return err
		}
	}
}

// receive takes a file. The acknowledgement of its last block is left to the caller.
func (t *transfer) receive() (body []byte, last uint16, err error) {
	for block := uint16(0); ; block++ {
		answer, err := t.exchange(tftp.Packet{Op: tftp.OpAck, Block: block}, func(a tftp.Packet) bool {
			return a.Op == tftp.OpData && a.Block == block+1
		})
		if err != nil {
			return nil, 0, err
		}
		body = append(body, answer.Data...)
		switch {
		case len(answer.Data) < blockSize:
			return body, block + 1, nil
		case len(body) > wire.MaxFrame || len(answer.Data) > blockSize:
			t.refuse(uint16(tftp.CodeDiskFull), "too large")
			return nil, 0, errors.New("the file is too large")
		}
	}
}
