package tftp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

func request(host string) device.Request {
	return device.Request{Target: profile.Target{Scheme: "tftp", Host: host, Port: 69, Path: "/x.conf"}, Limit: 1 << 20, Timeout: time.Minute}
}

// fetch runs one transfer over a memoryConn in a bubble, and returns the reply
// and how long it took. The conn must be closed afterwards, whatever happened.
func fetch(t *testing.T, ctx context.Context, conn *memoryConn, req device.Request) (device.Reply, time.Duration) {
	t.Helper()
	client := Client{Listen: func(context.Context, netip.AddrPort) (net.PacketConn, error) { return conn, nil }}
	begun := time.Now()
	reply := client.Fetch(ctx, req)
	took := time.Since(begun)
	select {
	case <-conn.closed:
	default:
		t.Error("the socket is still open, want it closed")
	}
	return reply, took
}

// from makes datagrams of packets from an address, at no particular instant.
func from(addr netip.AddrPort, packets ...Packet) (datagrams []datagram) {
	for _, p := range packets {
		datagrams = append(datagrams, datagram{addr: addr, data: p.Append(nil)})
	}
	return datagrams
}

func TestSilentServerIsAskedBySchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := newMemoryConn()
		reply, took := fetch(t, t.Context(), conn, request("192.0.2.1"))
		if reply.Outcome != resync.Timeout || took != 23*time.Second {
			t.Errorf("%v after %v, want a timeout after 23s", reply.Outcome, took)
		}
		var instants []time.Duration
		for _, d := range conn.outbox {
			instants = append(instants, d.at)
			if d.addr != requestPort || string(d.data) != "\x00\x01x.conf\x00octet\x00" {
				t.Errorf("sent %q to %v, want the request to %v", d.data, d.addr, requestPort)
			}
		}
		want := []time.Duration{0, 1 * time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second}
		if diff := cmp.Diff(want, instants); diff != "" {
			t.Errorf("instants of the requests (-want +got):\n%s", diff)
		}
	})
}

func TestScheduleOfClientIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := newMemoryConn()
		client := Client{
			Listen:   func(context.Context, netip.AddrPort) (net.PacketConn, error) { return conn, nil },
			Schedule: Schedule{First: 200 * time.Millisecond, Repeats: 2},
		}
		begun := time.Now()
		client.Fetch(t.Context(), request("192.0.2.1"))
		if took := time.Since(begun); took != 600*time.Millisecond || len(conn.outbox) != 3 {
			t.Errorf("%d packets in %v, want 3 in 600ms", len(conn.outbox), took)
		}
	})
}

func TestProgressMovesDeadline(t *testing.T) {
	for _, test := range []struct {
		rule     string
		progress time.Duration
		repeated time.Duration // instant at which ACK 1 is sent again
	}{
		{"to later", 600 * time.Millisecond, 1600 * time.Millisecond},
		{"to earlier, after long waits", 10 * time.Second, 11 * time.Second},
	} {
		t.Run(test.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := newMemoryConn()
				time.AfterFunc(test.progress, func() {
					conn.inbox <- from(senders["<"], Packet{Op: OpData, Block: 1, Data: make([]byte, 512)})[0]
				})
				_, took := fetch(t, t.Context(), conn, request("192.0.2.1"))
				if want := test.progress + 23*time.Second; took != want {
					t.Errorf("given up after %v, want %v: 23s after the last progress", took, want)
				}
				var acks []time.Duration
				for _, d := range conn.outbox {
					if d.addr == senders["<"] {
						acks = append(acks, d.at)
					}
				}
				if want := []time.Duration{test.progress, test.repeated}; !slices.Equal(acks[:2], want) {
					t.Errorf("ACK 1 sent at %v, want %v first", acks, want)
				}
			})
		})
	}
}

func TestOverallTimeoutEndsEndlessTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := newMemoryConn()
		block := uint16(0)
		conn.peer = func(datagram) []datagram {
			block++
			next := from(senders["<"], Packet{Op: OpData, Block: block, Data: make([]byte, 512)})[0]
			time.AfterFunc(900*time.Millisecond, func() { conn.inbox <- next })
			return nil
		}
		req := request("192.0.2.1")
		req.Timeout = 10 * time.Second
		reply, took := fetch(t, t.Context(), conn, req)
		if reply.Outcome != resync.Timeout || reply.Bytes != 11*512 || took != req.Timeout {
			t.Errorf("%v with %d bytes after %v, want a timeout with 11 blocks after 10s", reply.Outcome, reply.Bytes, took)
		}
	})
}

func TestEndOfContextEndsTransferAtOnce(t *testing.T) {
	t.Run("while it waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
			defer cancel()
			reply, took := fetch(t, ctx, newMemoryConn(), request("192.0.2.1"))
			if reply.Outcome != resync.Timeout || took != 2500*time.Millisecond || !strings.Contains(reply.Note, "stopped") {
				t.Errorf("%v (%s) after %v, want it stopped after 2.5s", reply.Outcome, reply.Note, took)
			}
		})
	})
	t.Run("between setting a deadline and reading", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			conn := newMemoryConn()
			conn.peer = func(datagram) []datagram { cancel(); return nil }
			if _, took := fetch(t, ctx, conn, request("192.0.2.1")); took != 0 {
				t.Errorf("stopped after %v, want at once", took)
			}
		})
	})
	t.Run("while it sends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			conn := newMemoryConn()
			conn.fails = func(netip.AddrPort) error { cancel(); return os.ErrDeadlineExceeded }
			if reply, took := fetch(t, ctx, conn, request("192.0.2.1")); reply.Outcome != resync.Timeout || took != 0 {
				t.Errorf("%v (%s) after %v, want it stopped at once", reply.Outcome, reply.Note, took)
			}
		})
	})
	t.Run("before it begins", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		client := Client{Listen: func(context.Context, netip.AddrPort) (net.PacketConn, error) { panic("socket opened") }}
		if reply := client.Fetch(ctx, request("192.0.2.1")); reply.Outcome != resync.Timeout {
			t.Errorf("outcome %v, want timeout", reply.Outcome)
		}
	})
}

func TestStrangersAreRefusedAndTransferGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := newMemoryConn()
		unreachable := netip.MustParseAddrPort("198.51.100.1:4000")
		data := func(letter string) Packet { return Packet{Op: OpData, Block: 1, Data: []byte(letter)} }
		conn.inbox <- from(senders["<host"], data("x"))[0]
		conn.inbox <- from(unreachable, data("y"))[0]
		conn.inbox <- from(senders["<"], data("a"))[0]
		conn.fails = func(to netip.AddrPort) error {
			if to == unreachable {
				return syscall.EHOSTUNREACH
			}
			return nil
		}
		reply, _ := fetch(t, t.Context(), conn, request("192.0.2.1"))
		if reply.Outcome != resync.None || string(reply.Body) != "a" {
			t.Errorf("%v %q, want the server's file", reply.Outcome, reply.Body)
		}
		if refusal := conn.outbox[1]; refusal.addr != senders["<host"] || refusal.data[1] != byte(OpError) || refusal.data[3] != byte(CodeUnknownTID) {
			t.Errorf("sent %q to %v, want error 5 to %v", refusal.data, refusal.addr, senders["<host"])
		}
	})
}

func TestBlockOverSizeIsNotTakenCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := newMemoryConn()
		conn.inbox <- from(senders["<"], Packet{Op: OpData, Block: 1, Data: make([]byte, 513)})[0]
		conn.inbox <- from(senders["<"], Packet{Op: OpData, Block: 1, Data: []byte("a")})[0]
		if reply, _ := fetch(t, t.Context(), conn, request("192.0.2.1")); string(reply.Body) != "a" || reply.Note == "" {
			t.Errorf("%d bytes, note %q, want the 1 byte of the good block and a note of the other", reply.Bytes, reply.Note)
		}
	})
}

func TestMappedAddressesAreTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := newMemoryConn()
		mapped := netip.AddrPortFrom(netip.AddrFrom16(requestPort.Addr().As16()), 4000)
		conn.inbox <- from(mapped, Packet{Op: OpData, Block: 1})[0]
		if reply, _ := fetch(t, t.Context(), conn, request("::ffff:192.0.2.1")); reply.Outcome != resync.None {
			t.Errorf("outcome %v, want the file from %v", reply.Outcome, mapped)
		}
	})
}

// bufferedConn takes note of the receive buffer that it is asked for.
type bufferedConn struct {
	*memoryConn
	bytes *int
}

func (c bufferedConn) SetReadBuffer(bytes int) error {
	*c.bytes = bytes
	return errors.ErrUnsupported
}

func TestReceiveBufferHoldsWindow(t *testing.T) {
	for _, test := range []struct {
		rule     string
		options  device.TFTPOptions
		min, max int
	}{
		{"lock-step needs no more than the system gives", device.TFTPOptions{BlockSize: 65464}, 0, 0},
		{"nor does a small window", device.TFTPOptions{WindowSize: 16}, 0, 0},
		{"a large window is asked for with room to spare", device.TFTPOptions{WindowSize: 32, BlockSize: 8192}, 33 * 8192, 64 * 8192},
		{"the largest window has a limit", device.TFTPOptions{WindowSize: 65535, BlockSize: 65464}, 1 << 20, 4 << 20},
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			conn := bufferedConn{newMemoryConn(), &asked}
			conn.inbox <- from(senders["<"], Packet{Op: OpData, Block: 1})[0]
			client := Client{Listen: func(context.Context, netip.AddrPort) (net.PacketConn, error) { return conn, nil }}
			req := request("192.0.2.1")
			req.TFTP = test.options
			if reply := client.Fetch(t.Context(), req); reply.Outcome != resync.None {
				t.Errorf("%s: outcome %v though a buffer is a wish only", test.rule, reply.Outcome)
			}
			if asked < test.min || asked > test.max {
				t.Errorf("%s: %d bytes asked for, want %d to %d", test.rule, asked, test.min, test.max)
			}
		})
	}
}

// brokenConn fails in one method.
type brokenConn struct {
	*memoryConn
	readErr, deadlineErr error
	sender               net.Addr // of a datagram that is always there; nil: none is
}

func (c brokenConn) ReadFrom(b []byte) (int, net.Addr, error) {
	if c.readErr != nil || c.sender != nil {
		return 0, c.sender, c.readErr
	}
	return c.memoryConn.ReadFrom(b)
}

func (c brokenConn) SetReadDeadline(at time.Time) error {
	if c.deadlineErr != nil {
		return c.deadlineErr
	}
	return c.memoryConn.SetReadDeadline(at)
}

func TestErrorsOfSocket(t *testing.T) {
	wrap := func(err error) error {
		return &net.OpError{Op: "test", Net: "udp", Err: os.NewSyscallError("test", err)}
	}
	for _, test := range []struct {
		rule           string
		listen, write  error
		read, deadline error
		sender         net.Addr
		outcome        resync.Outcome
		local          bool
	}{
		{rule: "no socket", listen: wrap(syscall.EMFILE), outcome: resync.Unreachable, local: true},
		{rule: "no source address", listen: wrap(syscall.EADDRNOTAVAIL), outcome: resync.Unreachable, local: true},
		{rule: "no room to send", write: wrap(syscall.ENOBUFS), outcome: resync.Unreachable, local: true},
		{rule: "no memory to receive", read: wrap(syscall.ENOMEM), outcome: resync.Unreachable, local: true},
		{rule: "no route to the network", write: wrap(syscall.ENETUNREACH), outcome: resync.Unreachable},
		{rule: "no route to the host", write: wrap(syscall.EHOSTUNREACH), outcome: resync.Unreachable},
		{rule: "a router says so later", read: wrap(syscall.EHOSTUNREACH), outcome: resync.Unreachable},
		{rule: "the server's port is closed", read: wrap(syscall.ECONNREFUSED), outcome: resync.Refused},
		{rule: "the socket is not a UDP socket", sender: &net.UnixAddr{Name: "/x"}, outcome: resync.Unreachable},
		{rule: "the socket has no deadlines", deadline: errors.ErrUnsupported, outcome: resync.Unreachable},
	} {
		t.Run(test.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := brokenConn{newMemoryConn(), test.read, test.deadline, test.sender}
				conn.fails = func(netip.AddrPort) error { return test.write }
				client := Client{Listen: func(context.Context, netip.AddrPort) (net.PacketConn, error) { return conn, test.listen }}
				reply := client.Fetch(t.Context(), request("192.0.2.1"))
				if reply.Outcome != test.outcome || reply.Local != test.local || reply.Note == "" {
					t.Errorf("%v with note %q, this machine's: %v; want %v with a note, this machine's: %v",
						reply.Outcome, reply.Note, reply.Local, test.outcome, test.local)
				}
			})
		})
	}
}

func TestFileIsCompleteThoughLastAckFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := newMemoryConn()
		conn.peer = func(datagram) []datagram {
			conn.fails = func(netip.AddrPort) error { return syscall.EHOSTUNREACH }
			return from(senders["<"], Packet{Op: OpData, Block: 1, Data: []byte("a")})
		}
		if reply, _ := fetch(t, t.Context(), conn, request("192.0.2.1")); reply.Outcome != resync.None || string(reply.Body) != "a" {
			t.Errorf("%v %q, want the file", reply.Outcome, reply.Body)
		}
	})
}
