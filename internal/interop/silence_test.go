//go:build linux

package interop

import (
	"net"
	"net/netip"
	"testing"

	"provsim/device"
	"provsim/internal/testing/peer"
	"provsim/profile"
	"provsim/resync"
)

// A server that takes connections or packets and says nothing is a timeout with
// each scheme (FV-OUT-1), and the note tells how far the phone got.
func TestSilence(t *testing.T) {
	tests := []struct {
		scheme string
		listen func(t *testing.T) netip.AddrPort
		note   string
	}{
		{"http", silentTCP, "waiting for the answer"},
		{"https", silentTCP, "TLS handshake"},
		{"tftp", silentUDP, "no answer"},
	}
	for _, tt := range tests {
		t.Run(tt.scheme, func(t *testing.T) {
			t.Parallel()
			at := tt.listen(t)
			req := device.Request{Target: profile.Target{Scheme: tt.scheme, Host: at.Addr().String(), Port: at.Port(), Path: "/IP542N.conf"}, Limit: limit}
			fetch(t, req, resync.Timeout, tt.note, nil)
		})
	}
}

// silentTCP accepts all connections and keeps them open.
func silentTCP(t *testing.T) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp4", net.JoinHostPort(peer.Loopback(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	return listener.Addr().(*net.TCPAddr).AddrPort()
}

// silentUDP has an open port that no program reads.
func silentUDP(t *testing.T) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp4", net.JoinHostPort(peer.Loopback(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}
