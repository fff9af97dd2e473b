package tftpd

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"provsim/internal/fetch/tftp"
)

// send sends a packet to the client, or what the faults make of it.
func (t *transfer) send(p tftp.Packet) {
	faults := &t.server.Faults
	if faults.Once != nil && faults.Once(&t.asked, p) {
		if t.sent[p.Op] {
			return
		}
		if t.sent == nil {
			t.sent = map[tftp.Op]bool{}
		}
		t.sent[p.Op] = true
	}
	packets := []tftp.Packet{p}
	if faults.Send != nil {
		packets = faults.Send(&t.asked, p)
	}
	for _, p := range packets {
		t.sendTo(t.client, p)
	}
}

func (t *transfer) sendTo(to netip.AddrPort, p tftp.Packet) {
	wire, conn := p.Append(nil), t.conn
	if change := t.server.Faults.Wire; change != nil {
		wire = change(p, wire)
	}
	if t.server.Faults.OnePort {
		conn = t.server.conn
	}
	conn.WriteToUDPAddrPort(wire, to)
}

// receive waits for a packet of the client. Other clients get error 5 (RFC 1350
// section 4), but not for an ERROR: two servers that answer each other's errors
// would never stop.
func (t *transfer) receive(deadline time.Time) (tftp.Packet, bool) {
	faults := &t.server.Faults
	buffer := make([]byte, 1<<10)
	for {
		t.conn.SetReadDeadline(deadline)
		n, from, err := t.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return tftp.Packet{}, false
		}
		packet, err := tftp.Parse(buffer[:n])
		if from != t.client && !faults.Trusting && !faults.OnePort {
			if !faults.Silent && packet.Op != tftp.OpError {
				t.sendTo(from, tftp.Packet{Op: tftp.OpError, Code: tftp.CodeUnknownTID, Message: "unknown transfer ID"})
			}
			continue
		}
		if err == nil {
			return packet, true
		}
	}
}

// negotiate takes the options that it knows and says what it made of them (RFC
// 2347); those that it does not know, or whose value is out of range, it leaves
// out.
func (t *transfer) negotiate() (agreed []tftp.Option) {
	for _, o := range t.asked.Options {
		value, err := strconv.Atoi(o.Value)
		if err != nil {
			continue
		}
		switch name := strings.ToLower(o.Name); {
		case name == "blksize" && value >= 8:
			value = min(value, 65464)
		case name == "timeout" && value >= 1 && value <= 255:
		case name == "tsize" && value == 0:
			value = len(t.asked.Body)
		case name == "windowsize" && value >= 1 && value <= 65535:
			value = min(value, 64)
		default:
			continue
		}
		agreed = append(agreed, tftp.Option{Name: o.Name, Value: strconv.Itoa(value)})
	}
	if change := t.server.Faults.Agree; change != nil {
		agreed = change(t.asked.Options, agreed)
	}
	t.keep(agreed)
	if change := t.server.Faults.Answer; change != nil {
		agreed = change(agreed)
	}
	return agreed
}

// keep does as the answer to the options says.
func (t *transfer) keep(agreed []tftp.Option) {
	for _, o := range agreed {
		value, err := strconv.Atoi(o.Value)
		if err != nil {
			continue
		}
		switch strings.ToLower(o.Name) {
		case "blksize":
			t.asked.Block = max(value, 1)
		case "timeout":
			t.wait = cmp.Or(t.server.Faults.Pace, time.Duration(value)*time.Second)
		case "windowsize":
			t.window = value
		}
	}
}
