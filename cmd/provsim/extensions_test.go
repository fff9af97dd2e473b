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
		c.SetReadDeadline(time.Now().Add(30 * time.Second))
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
	expectSyslog(t, collector, "resync succeeded") // the first one, which is applied

	target, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	// The phone reboots in between, and hears nothing then: ask until it answers.
	answer := make([]byte, 2048)
	for n := 0; ; n++ {
		proxy.WriteTo(fmt.Appendf(nil, "NOTIFY sip:phone@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d;rport\r\n"+
			"From: <sip:pbx@127.0.0.1>;tag=1\r\nTo: <sip:phone@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: %d NOTIFY\r\n"+
			"Event: check-sync\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", proxy.LocalAddr(), n, n+1), target)
		proxy.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		size, _, err := proxy.ReadFrom(answer)
		if err == nil && strings.HasPrefix(string(answer[:size]), "SIP/2.0 200") {
			break
		}
		if n == 100 {
			t.Fatalf("no answer to %d NOTIFYs: %q (%v)", n, answer[:size], err)
		}
	}
	expectSyslog(t, collector, "resync succeeded") // the one that was asked for
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

// expectSyslog reads messages until one holds a text.
func expectSyslog(t *testing.T, c net.PacketConn, text string) {
	t.Helper()
	message := make([]byte, 2048)
	for {
		n, _, err := c.ReadFrom(message)
		if err != nil {
			t.Fatalf("no syslog message says %q: %v", text, err)
		}
		if strings.Contains(string(message[:n]), text) {
			return
		}
	}
}
