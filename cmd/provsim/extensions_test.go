package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
)

// A SIP NOTIFY makes a running phone resync, and syslog messages tell of it
// (FV-EXT-1, FV-EXT-2).
func TestNotifyAndSyslog(t *testing.T) {
	g := newGround(t)
	g.Files.Put("IP542N.conf", []byte("DBID_DBASE_VERSION=1\n"))
	udp := func() net.PacketConn {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	collector, proxy := udp(), udp()
	free := udp()
	address := free.LocalAddr().String()
	free.Close()

	ctx, cancel := context.WithCancel(t.Context())
	var out, talk bytes.Buffer
	ended := make(chan int)
	go func() {
		ended <- execute(&env{ctx: ctx, in: strings.NewReader(""), out: &out, err: &talk, args: []string{
			"phone", "--json", "--option66", g.Addr("tftp").String(), "--set", "Resync Random Delay=0", "--boot-time", "1ms",
			"--sip", address, "--syslog", collector.LocalAddr().String(),
		}})
	}()
	if !hears(collector, "resync succeeded", 30*time.Second) {
		t.Fatal("no syslog message tells of the resync at boot")
	}
	target, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	// The phone reboots in between, and what it is told then is lost: ask until it obeys.
	for n := 1; !hears(collector, "resync succeeded", 200*time.Millisecond); n++ {
		if n == 100 {
			t.Fatalf("%d NOTIFYs led to no resync", n)
		}
		proxy.WriteTo(fmt.Appendf(nil, "NOTIFY sip:phone@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d;rport\r\n"+
			"From: <sip:pbx@127.0.0.1>;tag=1\r\nTo: <sip:phone@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: %d NOTIFY\r\n"+
			"Event: check-sync\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", proxy.LocalAddr(), n, n), target)
	}
	if !hears(proxy, "SIP/2.0 200", 30*time.Second) {
		t.Error("a NOTIFY is obeyed and not answered")
	}
	cancel()
	if code := <-ended; code != exitInterrupted {
		t.Errorf("exit code %d, want 130; %s", code, talk.String())
	}
	notified := false
	for r, err := range journal.Read(&out) {
		if err != nil {
			t.Fatal(err)
		}
		notified = notified || r.Kind == device.ResyncStart && r.Cause.String() == "notify"
	}
	if !notified {
		t.Errorf("no resync was started by the NOTIFY:\n%s", out.String())
	}
}

// hears reads messages until one holds a text or the time is over.
func hears(c net.PacketConn, text string, within time.Duration) bool {
	c.SetReadDeadline(time.Now().Add(within))
	message := make([]byte, 2048)
	for {
		n, _, err := c.ReadFrom(message)
		if err != nil {
			return false
		}
		if strings.Contains(string(message[:n]), text) {
			return true
		}
	}
}
