package dhcp_test

import (
	"net"
	"net/netip"
	"testing"
)

// fork takes what relay agents send to one address to several servers, and
// their answers back, until the test ends.
func fork(t testing.TB, servers ...string) string {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var known []netip.AddrPort
	for _, s := range servers {
		known = append(known, netip.MustParseAddrPort(s))
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		forward(conn, known)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-ended
	})
	return conn.LocalAddr().String()
}

func forward(conn *net.UDPConn, servers []netip.AddrPort) {
	packet := make([]byte, 1<<16)
	var agent netip.AddrPort // the latest to ask
	for {
		n, from, err := conn.ReadFromUDPAddrPort(packet)
		if err != nil {
			return
		}
		answer := false
		for _, s := range servers {
			answer = answer || s == from
		}
		if answer {
			conn.WriteToUDPAddrPort(packet[:n], agent)
			continue
		}
		agent = from
		for _, s := range servers {
			conn.WriteToUDPAddrPort(packet[:n], s)
		}
	}
}
