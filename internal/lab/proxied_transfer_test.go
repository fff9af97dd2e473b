package lab

import (
	"net/netip"
	"testing"
	"time"
)

// A transfer that is given up before the server has answered tells it as soon as it
// does, so that the end of a lab does not wait for retransmissions.
func TestATransferGivenUpBeforeTheServerAnswers(t *testing.T) {
	front, err := listenUDP(orLoopback(""))
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close()
	server, err := listenUDP(orLoopback(""))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	l := &Lab{done: make(chan struct{})}
	p := newFaultProxy(l, front)
	f, err := p.open(netip.MustParseAddrPort("127.0.0.1:9"), new(fault), 512)
	if err != nil {
		t.Fatal(err)
	}
	f.abort()
	if _, err := server.WriteToUDPAddrPort([]byte("\x00\x03\x00\x01x"), addrPort(f.inner.LocalAddr())); err != nil {
		t.Fatal(err)
	}
	packet := make([]byte, 600)
	server.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := server.Read(packet); err != nil || packet[1] != opError {
		t.Errorf("the server gets %q and %v, want an error packet", packet[:n], err)
	}
	f.close()
	l.work.Wait()
	if p.find(addrPort(f.inner.LocalAddr())) != nil {
		t.Error("a closed transfer is still known")
	}
}
