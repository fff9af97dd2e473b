package manager

import (
	"context"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
)

// echo reports whether an address answers an ICMP echo. Where this machine lets the
// program send none, that is said and taken for an answer (MGR-5).
func (o *Options) echo(ctx context.Context, addr netip.Addr) bool {
	from := "0.0.0.0"
	if o.From.IsValid() {
		from = o.From.Addr().String()
	}
	var to net.Addr = &net.UDPAddr{IP: addr.AsSlice()}
	conn, err := icmp.ListenPacket("udp4", from)
	if err != nil {
		to = &net.IPAddr{IP: addr.AsSlice()}
		conn, err = icmp.ListenPacket("ip4:icmp", from)
	}
	if err != nil {
		o.Warn("no ICMP echo could be sent, it is left out: " + err.Error())
		return true
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	id := os.Getpid() & 0xffff
	for seq := range echoes {
		message := icmp.Message{Type: ipv4.ICMPTypeEcho, Body: &icmp.Echo{ID: id, Seq: seq, Data: []byte("provsim")}}
		b, err := message.Marshal(nil)
		if err != nil {
			return false
		}
		conn.WriteTo(b, to) // one that is lost, or has no route, is sent again
		if answered(conn, addr, time.Now().Add(echoWait)) {
			return true
		}
	}
	return false
}

// answered reports whether an echo reply of an address comes in time.
func answered(conn *icmp.PacketConn, addr netip.Addr, until time.Time) bool {
	if err := conn.SetReadDeadline(until); err != nil {
		return false
	}
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return false
		}
		var peer net.IP
		switch a := from.(type) {
		case *net.UDPAddr:
			peer = a.IP
		case *net.IPAddr:
			peer = a.IP
		}
		m, err := icmp.ParseMessage(1, buf[:n]) // 1: ICMP for IPv4
		if err == nil && m.Type == ipv4.ICMPTypeEchoReply && peer.Equal(addr.AsSlice()) {
			return true
		}
	}
}
