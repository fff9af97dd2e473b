package tftpd

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"provsim/internal/fetch/tftp"
)

// transfer is one file on its way to one client.
type transfer struct {
	server *Server
	conn   *net.UDPConn
	client netip.AddrPort
	asked  Request

	window int
	wait   time.Duration
	sent   map[tftp.Op]bool // of Faults.Once
}

// repeats is how often a packet is repeated before the client is given up: for longer than
// a check waits that has ten times the patience (proof).
const repeats = 12

// read answers a read request.
func (t *transfer) read() {
	faults := &t.server.Faults
	body, found := t.server.Files["/"+strings.TrimPrefix(t.asked.Name, "/")]
	if !found && faults.Open != nil {
		body, found = faults.Open(t.asked.Name)
	}
	if !found {
		code := tftp.CodeNotFound
		if faults.Code != 0 {
			code = faults.Code
		}
		t.refuse(code, "file not found")
		return
	}
	if strings.EqualFold(t.asked.Mode, "netascii") {
		body = netascii(body)
	}
	t.run(body)
}

// write answers a write request.
func (t *transfer) write() {
	if !t.server.Faults.Writable {
		t.refuse(2, "read only")
		return
	}
	t.send(tftp.Packet{Op: tftp.OpAck})
	if p, ok := t.receive(time.Now().Add(time.Second)); ok && p.Op == tftp.OpData {
		t.send(tftp.Packet{Op: tftp.OpAck, Block: p.Block})
	}
}

func (t *transfer) refuse(code tftp.Code, why string) {
	t.send(tftp.Packet{Op: tftp.OpError, Code: code, Message: why})
}

// run sends a file window by window.
func (t *transfer) run(body []byte) {
	faults := &t.server.Faults
	t.asked.Body, t.asked.Block, t.window, t.wait = body, 512, 1, t.server.Retransmit
	if t.wait <= 0 {
		t.wait = time.Second
	}
	agreed := t.negotiate()
	if len(agreed) > 0 {
		oack := tftp.Packet{Op: tftp.OpOptionAck, Options: agreed}
		if _, ok := t.exchange(0, 0, func() { t.send(oack) }); !ok {
			return
		}
	}
	if faults.Window != nil {
		t.window = faults.Window(t.window)
	}
	// The last block is shorter than the others, of 0 bytes where need be.
	last := len(body)/t.asked.Block + 1
	for acked := 0; acked < last; {
		end := min(acked+t.window, last)
		next, ok := t.exchange(acked, end, func() {
			for n := acked + 1; n <= end; n++ {
				t.send(tftp.Packet{Op: tftp.OpData, Block: uint16(n), Data: t.asked.Data(n)})
			}
		})
		if !ok {
			return
		}
		acked = next
	}
}

// Data returns block n of the requested file, the first being 1.
func (r *Request) Data(n int) []byte {
	from := (n - 1) * r.Block
	return r.Body[min(from, len(r.Body)):min(from+r.Block, len(r.Body))]
}

// exchange sends something and waits for an acknowledgement of more than the
// blocks up to low, and not of more than those up to high; of the OACK both are
// 0. What is acknowledged twice is not sent again (RFC 1123 section 4.2.3.1).
func (t *transfer) exchange(low, high int, send func()) (acked int, ok bool) {
	for range repeats + 1 {
		send()
		deadline := time.Now().Add(t.wait)
		for {
			packet, in := t.receive(deadline)
			if !in {
				break
			}
			if deaf := t.server.Faults.DeafToErrors; packet.Op == tftp.OpError && (deaf == nil || !deaf(&t.asked)) {
				return 0, false
			}
			if packet.Op == tftp.OpAck {
				if acked, ok := t.acknowledged(packet.Block, low, high, send); ok {
					return acked, true
				}
			}
		}
		select {
		case <-t.server.done:
			return 0, false
		default:
		}
	}
	return 0, false
}

// acknowledged returns the number of the last block that an acknowledgement is
// good for, if it is good for anything.
func (t *transfer) acknowledged(block uint16, low, high int, send func()) (acked int, ok bool) {
	faults := &t.server.Faults
	if faults.Careless {
		return high, true
	}
	for n := min(low+1, high); n <= high; n++ {
		if uint16(n) == block {
			if faults.Blind {
				n = high
			}
			return n, true
		}
	}
	if t.window > 1 && uint16(low) == block {
		return low, true // the news of a gap (RFC 7440 section 4)
	}
	if faults.Apprentice && uint16(low) == block {
		send()
	}
	return 0, false
}
