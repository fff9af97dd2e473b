package dhcp

import (
	"net/netip"
	"time"
)

// A client with an address sends DHCPINFORM three times, 4 s apart, until a server
// answers (RFC 2131 section 4.4.3; the times are those of PC-SRC-2).
const (
	informs    = 3
	informWait = 4 * time.Second
)

// inform is a DHCPINFORM that no server has answered so far.
type inform struct {
	xid  uint32
	addr netip.Addr
	sent int
	next time.Duration // when it is sent again, or given up
}

// inform does what an input means for a client's DHCPINFORM. It reports whether that is
// all that the input means.
func (a *Agent) inform(i int, in *Input, rest []Action) (_ []Action, done bool) {
	m := a.informs[i]
	switch {
	case in.Kind == Inform:
		addr := a.clients[i].machine.Status().Addr
		if !addr.IsValid() {
			return rest, true
		}
		if a.informs == nil {
			a.informs = map[int]*inform{}
		}
		m = &inform{xid: uint32(in.Rand), addr: addr}
		a.informs[i] = m
	case in.Kind == Receive && in.Reply.Type == Ack && in.Reply.XID == m.xid:
		delete(a.informs, i)
		return append(rest, Action{Do: Told, Reply: in.Reply}), true
	case in.Kind != Tick || in.Now < m.next:
		return rest, false
	}
	if m.sent == informs {
		delete(a.informs, i)
		return rest, false
	}
	m.sent++
	m.next = in.Now + informWait
	rest = a.act(&a.clients[i], Action{Do: Send, Message: Message{Type: Informing, XID: m.xid, Addr: m.addr}}, rest)
	return rest, in.Kind == Inform
}
