//go:build unix

package egress_test

import (
	"bytes"
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

// waiters bring a connection into the two states that it has: nobody has had to
// wait on it, or somebody has.
var waiters = map[string]func(t *testing.T, conn net.Conn){
	"nobody has waited": func(*testing.T, net.Conn) {},
	"somebody has waited": func(t *testing.T, conn net.Conn) {
		if _, err := conn.(syscall.Conn).SyscallConn(); err != nil {
			t.Fatal(err)
		}
	},
}

func TestADeadlineEndsAReadAndAWrite(t *testing.T) {
	listener, _ := listen(t, "127.0.0.1:0")
	for name, wait := range waiters {
		for when, late := range map[string]bool{"before": false, "after": true} {
			conn := dial(t, &egress.Dialer{}, listener.Addr().String())
			if late {
				wait(t, conn)
			}
			if err := conn.SetDeadline(time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
			if !late {
				wait(t, conn)
			}
			if n, err := conn.Write([]byte("x")); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s, deadline set %s: wrote %d bytes, error %v; want the deadline", name, when, n, err)
			}
			if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s, deadline set %s: read %d bytes, error %v; want the deadline", name, when, n, err)
			}
		}
	}
}

// What another goroutine does ends a read, whether it waits by then or not.
func TestAnotherGoroutineEndsARead(t *testing.T) {
	listener, _ := listen(t, "127.0.0.1:0")
	for name, wait := range waiters {
		for want, end := range map[error]func(net.Conn) error{
			os.ErrDeadlineExceeded: func(conn net.Conn) error { return conn.SetDeadline(time.Unix(1, 0)) },
			net.ErrClosed:          net.Conn.Close,
		} {
			conn := dial(t, &egress.Dialer{}, listener.Addr().String())
			wait(t, conn)
			go end(conn)
			_, err := conn.Read(make([]byte, 1))
			if !errors.Is(err, want) && !(want == net.ErrClosed && errors.Is(err, os.ErrClosed)) {
				t.Errorf("%s: error %v, want %v", name, err, want)
			}
		}
	}
}

type obedient interface {
	Obey(ctx context.Context) (stop func() bool)
}

// obeys returns the connection, or skips the test where connections listen to no context.
func obeys(t *testing.T, conn net.Conn) obedient {
	t.Helper()
	o, ok := conn.(obedient)
	if !ok {
		t.Skip("the connections of this system listen to no context")
	}
	return o
}

// A server that always has more to say keeps nobody waiting.
func TestTheContextEndsWhatNeedNotWait(t *testing.T) {
	listener, _ := listen(t, "127.0.0.1:0")
	conn := dial(t, &egress.Dialer{}, listener.Addr().String())
	ctx, cancel := context.WithCancel(t.Context())
	stop := obeys(t, conn).Obey(ctx)
	cancel()
	if _, err := conn.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
	if stop() {
		t.Error("forgotten, want that the context has ended before")
	}
}

func TestTheContextEndsReadsAndWrites(t *testing.T) {
	listener, _ := listen(t, "127.0.0.1:0")
	for name, wait := range waiters {
		for when, late := range map[string]bool{"before": false, "after": true} {
			obey := func(ctx context.Context) (conn net.Conn, stop func() bool) {
				conn = dial(t, &egress.Dialer{}, listener.Addr().String())
				if late {
					wait(t, conn)
				}
				stop = obeys(t, conn).Obey(ctx)
				if !late {
					wait(t, conn)
				}
				return conn, stop
			}

			ctx, cancel := context.WithCancel(t.Context())
			conn, stop := obey(ctx)
			if first, second := stop(), stop(); !first || second {
				t.Errorf("%s %s: forgotten %v, and once more %v; want true, false", name, when, first, second)
			}
			cancel()
			if _, err := conn.Write([]byte("x")); err != nil {
				t.Errorf("%s %s: error %v from a context that is forgotten", name, when, err)
			}

			ctx, cancel = context.WithCancel(t.Context())
			conn, stop = obey(ctx)
			go cancel()
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s %s: read %v, want the deadline", name, when, err)
			}
			if _, err := conn.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s %s: write %v, want the deadline", name, when, err)
			}
			if stop() {
				t.Errorf("%s %s: forgotten, want that the context has ended before", name, when)
			}
		}
	}
}

func TestAClosedConnectionIsClosed(t *testing.T) {
	listener, accepted := listen(t, "127.0.0.1:0")
	for name, wait := range waiters {
		conn := dial(t, &egress.Dialer{}, listener.Addr().String())
		wait(t, conn)
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := (<-accepted).Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("%s: the server reads %v, want the end", name, err)
		}
		_, read := conn.Read(make([]byte, 1))
		_, write := conn.Write(make([]byte, 1))
		if read == nil || write == nil || conn.Close() == nil {
			t.Errorf("%s: read %v, write %v after the end; want errors of both and of a second close", name, read, write)
		}
	}
}

// A write that is larger than the buffers of both ends waits for the reader.
func TestALongWriteWaits(t *testing.T) {
	listener, accepted := listen(t, "127.0.0.1:0")
	for name, wait := range waiters {
		conn, peer := dial(t, &egress.Dialer{}, listener.Addr().String()), <-accepted
		wait(t, conn)
		want := make([]byte, 16<<20)
		for i := range want {
			want[i] = byte(i >> 10)
		}
		read := make(chan []byte)
		go func() {
			got, _ := io.ReadAll(peer)
			read <- got
		}()
		if n, err := conn.Write(want); n != len(want) || err != nil {
			t.Errorf("%s: wrote %d bytes, %v; want all %d", name, n, err, len(want))
		}
		conn.Close()
		if got := <-read; !bytes.Equal(got, want) {
			t.Errorf("%s: the server has %d bytes, want the %d that were written", name, len(got), len(want))
		}
	}
}

func TestTheEndIsRead(t *testing.T) {
	listener, accepted := listen(t, "127.0.0.1:0")
	for name, wait := range waiters {
		conn := dial(t, &egress.Dialer{}, listener.Addr().String())
		(<-accepted).Close()
		wait(t, conn)
		for range 2 {
			if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("%s: %d bytes, %v; want the end", name, n, err)
			}
		}
	}
}

// A server's reset has the same error, whoever waits.
func TestAResetIsSaid(t *testing.T) {
	listener, accepted := listen(t, "127.0.0.1:0")
	for name, wait := range waiters {
		conn, peer := dial(t, &egress.Dialer{}, listener.Addr().String()), <-accepted
		wait(t, conn)
		if err := errors.Join(peer.(*net.TCPConn).SetLinger(0), peer.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: error %v, want ECONNRESET", name, err)
		}
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
