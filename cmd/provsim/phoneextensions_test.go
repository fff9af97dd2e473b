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
	sent := 0
	notify := func(event string) {
		sent++
		proxy.WriteTo(fmt.Appendf(nil, "NOTIFY sip:phone@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d;rport\r\n"+
			"From: <sip:pbx@127.0.0.1>;tag=1\r\nTo: <sip:phone@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: %d NOTIFY\r\n"+
			"Event: %s\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", proxy.LocalAddr(), sent, sent, event), target)
	}
	// The phone reboots in between, and a request at that time is lost: ask until it obeys.
	obeys := func() {
		t.Helper()
		for from := sent; !hears(collector, "resync succeeded", 200*time.Millisecond); {
			if sent-from == 100 {
				t.Fatalf("%d NOTIFYs led to no resync", sent-from)
			}
			notify("check-sync")
		}
	}
	obeys()
	if !hears(proxy, "SIP/2.0 200", 30*time.Second) {
		t.Error("a NOTIFY is obeyed and not answered")
	}
	notify("message-summary")
	if !hears(proxy, "SIP/2.0 489", 30*time.Second) {
		t.Error("an event that the phone does not know is not refused")
	}
	obeys() // what comes after the refusal in the journal
	cancel()
	if code := <-ended; code != exitInterrupted {
		t.Errorf("exit code %d, want 130; %s", code, talk.String())
	}
	notified, warned := false, false
	for r, err := range journal.Read(&out) {
		if err != nil {
			t.Fatal(err)
		}
		notified = notified || r.Kind == device.ResyncStart && r.Cause.String() == "notify"
		warned = warned || r.Kind == device.Warned && strings.Contains(r.Note, "is answered 489 Bad Event: its event is message-summary")
	}
	if !warned {
		t.Errorf("no warning tells of the NOTIFY that was refused:\n%s", out.String())
	}
	if !notified {
		t.Errorf("no resync was started by the NOTIFY:\n%s", out.String())
	}
}

// A Cisco SPA phone sends syslog messages of its own where its settings name a
// collector (SPA-LOG-1), and asks who sends a NOTIFY (SPA-TRG-2).
func TestPhoneOfItsOwnMessages(t *testing.T) {
	g := newGround(t)
	g.Files.Put("spa504G.cfg", []byte("<flat-profile><Text_Logo>x</Text_Logo></flat-profile>"))
	var sockets [3]net.PacketConn
	for i := range sockets {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		sockets[i] = c
	}
	collector, exchange, address := sockets[0], sockets[1], sockets[2].LocalAddr()
	sockets[2].Close()
	ctx, cancel := context.WithCancel(t.Context())
	var out, talk bytes.Buffer
	ended := make(chan int)
	go func() {
		ended <- execute(&env{ctx: ctx, in: strings.NewReader(""), out: &out, err: &talk, args: []string{
			"phone", "--json", "--vendor", "cisco-spa", "--option66", g.Addr("tftp").String(), "--set", "Resync Random Delay=0", "--sip", address.String(),
			"--set", "Syslog Server=" + collector.LocalAddr().String(), "--set", "User ID[1]=100", "--set", "Password[1]=secret",
		}})
	}()
	defer func() { cancel(); <-ended }()
	for _, want := range []string{" -- Requesting resync tftp://127.0.0.1:", " -- Successful resync tftp://127.0.0.1:"} {
		if !hears(collector, want, time.Minute) {
			t.Fatalf("the collector hears no %q: %s", want, talk.String())
		}
	}
	exchange.WriteTo([]byte("NOTIFY sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;rport\r\n"+
		"From: <sip:pbx@127.0.0.1>;tag=1\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 NOTIFY\r\nEvent: resync\r\nContent-Length: 0\r\n\r\n"), address)
	if !hears(exchange, "SIP/2.0 401 Unauthorized", time.Minute) {
		t.Error("a NOTIFY without a password is taken")
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
