package dhcp

import (
	"net"
	"testing"
	"time"
)

// What the kernel throws away, because the receive buffer is full, is counted.
func TestOverflow(t *testing.T) {
	fake, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	relay, err := OpenRelay(RelayConfig{Server: fake.LocalAddr().String(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	const small, many = 1, 100 // the kernel makes of 1 what it takes for the least
	if err := relay.conn.SetReadBuffer(small); err != nil {
		t.Fatal(err)
	}
	reply := packetText{options: soundly + end}.bytes(t)
	copy(reply[giaddrAt:], []byte{127, 0, 0, 1})
	send := func() {
		if _, err := fake.WriteToUDPAddrPort(reply, relay.Addr()); err != nil {
			t.Fatal(err)
		}
	}
	for range many {
		send()
	}
	delivered := make(chan struct{}, 2*many)
	receive(t, relay, func(*Reply) { delivered <- struct{}{} })
	// The count comes with the next packet that finds room.
	for over := time.After(patience); relay.Overflown() == 0; {
		select {
		case <-delivered:
			send()
		case <-over:
			t.Fatalf("%d packets into the least buffer, and none is counted as lost", many)
		}
	}
	if lost := relay.Overflown(); lost >= 2*many {
		t.Errorf("%d packets are lost, %d were sent", lost, many)
	}
}
