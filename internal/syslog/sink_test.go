package syslog

import (
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

func ip542n(device.MAC) string { return "IP542N" }

func add(t *testing.T, s *Sink, events ...device.Event) {
	t.Helper()
	for _, e := range events {
		if err := s.Add(&journal.Record{Wall: noon, Device: phone, Event: e}); err != nil {
			t.Errorf("Add of %v: %v, want no error ever", e.Kind, err)
		}
	}
}

// One day of a phone, heard by a collector on loopback.
func TestCollectorHears(t *testing.T) {
	collector, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer collector.Close()
	conn, err := net.Dial("udp", collector.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := New(conn, ip542n)
	add(t, s,
		device.Event{Kind: device.Booted, Cause: resync.PowerOn},
		device.Event{Kind: device.ResyncDue, Cause: resync.AtBoot},
		device.Event{Kind: device.ResyncStart, URL: config, Cause: resync.AtBoot},
		device.Event{Kind: device.ResyncDone, URL: config, Outcome: resync.Timeout},
		device.Event{Kind: device.ResyncStart, URL: config, Cause: resync.Retry},
		device.Event{Kind: device.ResyncDone, URL: config, Outcome: resync.Applied, Version: "2"},
		device.Event{Kind: device.AppliedFile, Version: "2"},
		device.Event{Kind: device.UpgradeStart, URL: firmware, Cause: resync.AtBoot},
		device.Event{Kind: device.UpgradeDone, URL: firmware, Outcome: resync.Applied, Version: "v3.4.0"},
		device.Event{Kind: device.Rebooting, Cause: resync.Firmware},
	)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	const head = "1 2026-01-02T12:00:00.250000Z 0021f2011b19 provsim - "
	const who = " - IP542N 00:21:f2:01:1b:19 -- "
	want := []string{
		"<134>" + head + "resync.start" + who + "resync requested: " + config,
		"<131>" + head + "resync.done" + who + "resync failed: " + config + ": timeout",
		"<134>" + head + "resync.start" + who + "resync requested: " + config,
		"<133>" + head + "resync.done" + who + "resync succeeded: " + config + ": applied",
		"<134>" + head + "upgrade.start" + who + "upgrade requested: " + firmware,
		"<133>" + head + "upgrade.done" + who + "upgrade succeeded: " + firmware + ": applied, version v3.4.0",
	}
	if diff := cmp.Diff(want, received(t, collector)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if s.Lost() != 0 {
		t.Errorf("%d messages are lost, want none", s.Lost())
	}
}

// received returns all that has arrived. The last datagram is its own, so that
// it need not wait for more.
func received(t *testing.T, collector net.PacketConn) []string {
	t.Helper()
	const last = "last"
	if _, err := collector.WriteTo([]byte(last), collector.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	collector.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 2048)
	var messages []string
	for {
		n, _, err := collector.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		if string(buf[:n]) == last {
			return messages
		}
		messages = append(messages, string(buf[:n]))
	}
}

// A scripted connection answers each Write with the next of its errors.
type scripted struct {
	net.Conn
	errs []error
	sent []string
}

func (c *scripted) Write(b []byte) (int, error) {
	var err error
	if len(c.errs) > 0 {
		err, c.errs = c.errs[0], c.errs[1:]
	}
	if err == nil {
		c.sent = append(c.sent, string(b))
	}
	return len(b), err
}

func (c *scripted) SetWriteDeadline(time.Time) error { return nil }
func (c *scripted) Close() error                     { return errClosing }

var errClosing = errors.New("closing went wrong")

func TestLossIsCounted(t *testing.T) {
	refused := &net.OpError{Op: "write", Err: syscall.ECONNREFUSED}
	tests := []struct {
		rule string
		errs []error
		sent int // of 3 messages
		lost uint64
	}{
		{"all is well", nil, 3, 0},
		{"a refusal is that of the message before; this one goes out", []error{nil, refused}, 3, 1},
		{"both are lost", []error{nil, refused, errors.New("no route")}, 2, 2},
		{"another error loses this one", []error{errors.New("no route")}, 2, 1},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			conn := &scripted{errs: tt.errs}
			s := New(conn, ip542n)
			add(t, s, slices.Repeat([]device.Event{{Kind: device.ResyncStart, URL: config}}, 3)...)
			if err := s.Close(); err != errClosing {
				t.Errorf("Close returns %v, want the connection's %v", err, errClosing)
			}
			if len(conn.sent) != tt.sent || s.Lost() != tt.lost {
				t.Errorf("%d sent and %d lost, want %d and %d", len(conn.sent), s.Lost(), tt.sent, tt.lost)
			}
		})
	}
}

// The other end of a pipe that is not read is a network that takes nothing.
func TestAStuckNetworkHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, network := net.Pipe()
		defer network.Close()
		s := New(conn, ip542n)
		began := time.Now()
		const more = 7
		add(t, s, device.Event{Kind: device.ResyncStart, URL: config})
		synctest.Wait() // until that one is being sent
		add(t, s, slices.Repeat([]device.Event{{Kind: device.ResyncStart, URL: config}}, waiting+more)...)
		if took := time.Since(began); took != 0 || s.Lost() != more {
			t.Errorf("Add took %v and lost %d, want no time and %d", took, s.Lost(), more)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != closing || s.Lost() != 1+waiting+more {
			t.Errorf("Close took %v and %d are lost, want %v and %d", took, s.Lost(), closing, 1+waiting+more)
		}
	})
}
