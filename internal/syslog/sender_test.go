package syslog

import (
	"net"
	"strings"
	"testing"
	"time"
)

// What phones send reaches the collectors that they name, one after the other.
func TestSender(t *testing.T) {
	hear := func() (net.PacketConn, func() string) {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn, func() string {
			b := make([]byte, 2000)
			conn.SetReadDeadline(time.Now().Add(time.Minute))
			n, _, err := conn.ReadFrom(b)
			if err != nil {
				t.Fatal(err)
			}
			return string(b[:n])
		}
	}
	first, one := hear()
	second, two := hear()
	s := NewSender()
	s.Send(first.LocalAddr().String(), "SPA504G -- a\r\n<0>b")
	s.Send(second.LocalAddr().String(), strings.Repeat("x", 5000))
	s.Send("not a host:x", "lost")
	s.Send(first.LocalAddr().String(), "again")
	s.Close()
	for _, want := range []string{"<134>SPA504G -- a??<0>b", "<134>again"} {
		if got := one(); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	if got := two(); len(got) != len("<134>")+1000 {
		t.Errorf("heard %d bytes", len(got))
	}
	if s.Lost() != 1 {
		t.Errorf("%d lost, want that to a collector with no address", s.Lost())
	}
}

func TestPortOfCollectors(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1": "192.0.2.1:514", "log.example": "log.example:514", "192.0.2.1:5514": "192.0.2.1:5514",
		"2001:db8::1": "[2001:db8::1]:514", "[2001:db8::1]": "[2001:db8::1]:514", "[2001:db8::1]:9": "[2001:db8::1]:9",
	} {
		if got := withPort(text); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
