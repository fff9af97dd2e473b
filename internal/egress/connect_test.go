//go:build unix

package egress_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"provsim/internal/egress"
)

// dial opens a connection and closes it at the end of the test.
func dial(t *testing.T, d *egress.Dialer, address string) net.Conn {
	t.Helper()
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// listen returns a listener and the connections that it accepts.
func listen(t *testing.T, address string) (*net.TCPListener, <-chan net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("no such address here: %v", err)
	}
	t.Cleanup(func() { listener.Close() })
	accepted := make(chan net.Conn, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			accepted <- conn
		}
	}()
	return listener.(*net.TCPListener), accepted
}

func TestAConnectionHasBothAddresses(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, accepted := listen(t, at)
		conn := dial(t, &egress.Dialer{}, listener.Addr().String())
		peer := <-accepted
		if got, want := conn.LocalAddr().String(), peer.RemoteAddr().String(); got != want {
			t.Errorf("own address %s, the server sees %s", got, want)
		}
		if got, want := conn.RemoteAddr().String(), listener.Addr().String(); got != want {
			t.Errorf("server's address %s, want %s", got, want)
		}
		conn.Close()
		if got := conn.LocalAddr(); got != nil {
			t.Errorf("own address %v after the end, want none", got)
		}
	}
}

func TestAConnectionCarriesBytesBothWays(t *testing.T) {
	listener, accepted := listen(t, "127.0.0.1:0")
	conn := dial(t, &egress.Dialer{}, listener.Addr().String())
	peer := <-accepted
	go func() {
		io.CopyN(peer, peer, 5)
		peer.Close()
	}()
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); string(got) != "hello" || err != nil {
		t.Errorf("%q, %v; want hello and the end of the connection", got, err)
	}
}

func TestADeadlineEndsARead(t *testing.T) {
	listener, _ := listen(t, "127.0.0.1:0")
	conn := dial(t, &egress.Dialer{}, listener.Addr().String())
	if err := conn.SetDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
}

func TestAClosedPortRefuses(t *testing.T) {
	listener, _ := listen(t, "127.0.0.1:0")
	listener.Close()
	for _, d := range []*egress.Dialer{{}, {Pool: pool(t, "127.4.0.0/29")}} {
		_, err := d.DialContext(t.Context(), "tcp", listener.Addr().String())
		var op *net.OpError
		if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &op) || op.Op != "dial" {
			t.Errorf("error %v, want a dial that is refused", err)
		}
	}
}

func TestAForeignSourceAddressIsSaid(t *testing.T) {
	d := &egress.Dialer{Pool: pool(t, "192.0.2.1")}
	listener, _ := listen(t, "127.0.0.1:0")
	if _, err := d.DialContext(t.Context(), "tcp", listener.Addr().String()); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("error %v, want EADDRNOTAVAIL", err)
	}
}

// full returns a server that lets no further connection in: its backlog is full,
// and a client that comes gets no answer.
func full(t *testing.T) netip.AddrPort {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	own, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(own.(*syscall.SockaddrInet4).Port))
	dial(t, &egress.Dialer{}, at.String()) // the one that the backlog holds
	return at
}

func TestTheContextEndsAConnect(t *testing.T) {
	at := full(t)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, end := context.WithTimeout(t.Context(), time.Millisecond)
	defer end()
	for ctx, want := range map[context.Context]error{canceled: context.Canceled, late: context.DeadlineExceeded} {
		if conn, err := new(egress.Dialer).DialContext(ctx, "tcp", at.String()); !errors.Is(err, want) {
			t.Errorf("connection %v, error %v; want %v", conn, err, want)
		}
	}
}

// The delay of Nagle's algorithm is there until somebody does without it.
func TestNoDelayIsAskedFor(t *testing.T) {
	listener, _ := listen(t, "127.0.0.1:0")
	conn := dial(t, &egress.Dialer{}, listener.Addr().String()).(interface {
		SetNoDelay(bool) error
		syscall.Conn
	})
	for _, want := range []bool{true, false} {
		if err := conn.SetNoDelay(want); err != nil {
			t.Fatal(err)
		}
		raw, err := conn.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var value int
		if err := raw.Control(func(fd uintptr) {
			value, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_NODELAY)
		}); err != nil {
			t.Fatal(err)
		}
		if err != nil || (value != 0) != want {
			t.Errorf("TCP_NODELAY is %d (%v), want it to be on: %v", value, err, want)
		}
	}
}
