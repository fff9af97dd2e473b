package sip

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func listen(t *testing.T) net.PacketConn {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

var yealink = Subscription{
	User: "MAC%3a805ec0d57d72", Agent: "Yealink SIP-T46S 66.86.0.15",
	Event: `ua-profile;profile-type="device";vendor="Yealink";model="T46S";version="66.86.0.15"`,
}

// A phone asks the server and gets its URL (YL-SRC-2, YL-SRC-3).
func TestPnP(t *testing.T) {
	conn := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan Asked, 8)
	ended := make(chan error)
	go func() {
		ended <- ServePnP(ctx, conn, func(a Asked) (string, bool) {
			return "http://h/" + a.Model + "/", a.Vendor == "Yealink"
		}, func(a Asked) { told <- a })
	}()
	server := addrPort(conn.LocalAddr())
	url, err := Subscribe(t.Context(), listen(t), server, yealink)
	if err != nil || url != "http://h/T46S/" {
		t.Errorf("got %q, %v", url, err)
	}
	if a := <-told; a.User != "MAC%3a805ec0d57d72" || a.URL != url || a.Taken {
		t.Errorf("told %+v", a)
	}
	if a := <-told; !a.Taken {
		t.Errorf("told %+v, want that the phone has taken it", a)
	}
	other := yealink
	other.Event = strings.Replace(other.Event, "Yealink", "Snom", 1)
	if _, err := Subscribe(t.Context(), listen(t), server, other); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a phone without a URL: %v", err)
	}
	other.Event = "message-summary"
	if _, err := Subscribe(t.Context(), listen(t), server, other); err == nil || !strings.Contains(err.Error(), "489") {
		t.Errorf("another event: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A server that is silent, and one whose NOTIFY is no URL.
func TestPnPFails(t *testing.T) {
	silent := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := make(chan int)
	go func() {
		count := 0
		for buffer := make([]byte, 4096); ; count++ {
			if _, _, err := silent.ReadFrom(buffer); err != nil {
				asked <- count
				return
			}
		}
	}()
	if _, err := Subscribe(ctx, listen(t), addrPort(silent.LocalAddr()), yealink); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("a silent server: %v", err)
	}
	silent.Close()
	if n := <-asked; n != 4 {
		t.Errorf("asked %d times, want at 0, 1, 2 and 4 s", n)
	}
	cancel()
	if _, err := Subscribe(ctx, listen(t), netip.MustParseAddrPort("127.0.0.1:9"), yealink); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
	bad := listen(t)
	go ServePnP(t.Context(), bad, func(Asked) (string, bool) { return "no url", true }, func(Asked) {})
	if _, err := Subscribe(t.Context(), listen(t), addrPort(bad.LocalAddr()), yealink); !errors.Is(err, ErrNoURL) {
		t.Errorf("a body that is no URL: %v", err)
	}
}

// Whatever arrives, the server goes on.
func FuzzPnP(f *testing.F) {
	f.Add("SUBSCRIBE sip:MAC%3a00156574b150@224.0.1.75 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 SUBSCRIBE\r\nEvent: ua-profile;vendor=\"x\r\n\r\n")
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	defer conn.Close()
	f.Fuzz(func(t *testing.T, text string) {
		statusOf(text, "c")
		m, wrong := parse(text)
		if wrong != "" {
			return
		}
		waiting := map[string]*pending{}
		subscribed(conn, m, netip.MustParseAddrPort("127.0.0.1:9"), waiting, func(Asked) (string, bool) { return "http://h/", true }, func(Asked) {})
		if len(waiting) > 1 {
			t.Errorf("%d NOTIFYs of one message", len(waiting))
		}
		resend(conn, waiting, time.Now())
	})
}
