package egress

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A stream is a TCP connection. It becomes a file of the runtime's poller when
// somebody has to wait: that takes three system calls, and the answer of a near
// server has often come before the other transfers have had their turns.
type stream struct {
	server netip.AddrPort
	asked  atomic.Bool // something was written since the last read

	mu          sync.Mutex
	fd          int       // -1: file has it, or the connection is closed
	file        *os.File  // nil until somebody waits
	read, write time.Time // the deadlines of file
	ctx         context.Context
	forget      func() bool // ends that file listens to ctx
}

// Read gives the other transfers one turn where the server has just been asked.
func (s *stream) Read(p []byte) (int, error) {
	if s.asked.Swap(false) {
		runtime.Gosched()
	}
	n, err := s.try(unix.Read, p, &s.read)
	switch {
	case err == unix.EAGAIN:
		file, err := s.waiting()
		if err != nil {
			return 0, err
		}
		return file.Read(p)
	case err == nil && n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, err
}

func (s *stream) Write(p []byte) (int, error) {
	s.asked.Store(true)
	n, err := s.try(unix.Write, p, &s.write)
	if err == nil && n == len(p) || err != nil && err != unix.EAGAIN {
		return n, err
	}
	file, err := s.waiting()
	if err != nil {
		return n, err
	}
	more, err := file.Write(p[n:])
	return n + more, err
}

// try reads or writes what it can without waiting. The error EAGAIN says that
// there is nothing yet, or that the file knows.
func (s *stream) try(call func(fd int, p []byte) (int, error), p []byte, deadline *time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file != nil:
		return 0, unix.EAGAIN
	case s.fd < 0:
		return 0, net.ErrClosed
	case !deadline.IsZero() && !time.Now().Before(*deadline):
		return 0, os.ErrDeadlineExceeded
	case s.ctx != nil && s.ctx.Err() != nil:
		return 0, os.ErrDeadlineExceeded
	}
	n, err := call(s.fd, p)
	if err == unix.EINTR {
		err = unix.EAGAIN
	}
	return max(n, 0), err
}

// waiting returns the file, on which reads and writes wait.
func (s *stream) waiting() (*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file != nil:
		return s.file, nil
	case s.fd < 0:
		return nil, net.ErrClosed
	}
	s.file, s.fd = os.NewFile(uintptr(s.fd), "tcp"), -1
	s.listen()
	return s.file, errors.Join(s.file.SetReadDeadline(s.read), s.file.SetWriteDeadline(s.write))
}

// Obey ends reads and writes when the context ends, as a passed deadline does. The
// function that it returns is that of [context.AfterFunc]. A connection on which
// nobody waits only looks at the context.
func (s *stream) Obey(ctx context.Context) (stop func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx = ctx
	s.listen()
	return s.disobey
}

// listen lets the end of the context wake those who wait on the file.
func (s *stream) listen() {
	if s.ctx != nil && s.file != nil {
		s.forget = context.AfterFunc(s.ctx, func() { _ = s.SetDeadline(time.Unix(1, 0)) })
	}
}

func (s *stream) disobey() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, forget := s.ctx, s.forget
	s.ctx, s.forget = nil, nil
	if forget != nil {
		return forget()
	}
	return ctx != nil && ctx.Err() == nil
}

// await waits for the end of the handshake, or of the context.
func (s *stream) await(ctx context.Context, to unix.Sockaddr) error {
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	stop := s.Obey(ctx)
	var result error
	err = raw.Write(func(fd uintptr) bool {
		result = unix.Connect(int(fd), to)
		return !unfinished(result)
	})
	switch {
	case !stop():
		return ctx.Err()
	case err != nil:
		return err
	case result == unix.EISCONN:
		return nil
	}
	return os.NewSyscallError("connect", result)
}

// Close closes the connection, and ends what waits on it.
func (s *stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file != nil:
		return s.file.Close()
	case s.fd < 0:
		return net.ErrClosed
	}
	fd := s.fd
	s.fd = -1
	return unix.Close(fd)
}

// SetDeadline is that of [net.Conn], as are the next two.
func (s *stream) SetDeadline(t time.Time) error {
	return cmp.Or(s.SetReadDeadline(t), s.SetWriteDeadline(t))
}

func (s *stream) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		return s.file.SetReadDeadline(t)
	}
	s.read = t
	return nil
}

func (s *stream) SetWriteDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		return s.file.SetWriteDeadline(t)
	}
	s.write = t
	return nil
}

// SyscallConn returns the connection for system calls that may wait.
func (s *stream) SyscallConn() (syscall.RawConn, error) {
	file, err := s.waiting()
	if err != nil {
		return nil, err
	}
	return file.SyscallConn()
}

// control calls f with the descriptor, unless the connection is closed.
func (s *stream) control(f func(fd int)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file != nil:
		raw, err := s.file.SyscallConn()
		if err != nil {
			return err
		}
		return raw.Control(func(fd uintptr) { f(int(fd)) })
	case s.fd < 0:
		return net.ErrClosed
	}
	f(s.fd)
	return nil
}

// SetNoDelay is that of [net.TCPConn], except that the delay is there at first:
// most connections send one request, for which it makes no difference.
func (s *stream) SetNoDelay(noDelay bool) error {
	value := 0
	if noDelay {
		value = 1
	}
	var result error
	err := s.control(func(fd int) {
		result = os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, value))
	})
	return cmp.Or(err, result)
}

// LocalAddr returns where the connection comes from, or nil where it is closed.
func (s *stream) LocalAddr() (at net.Addr) {
	_ = s.control(func(fd int) {
		switch own, _ := unix.Getsockname(fd); own := own.(type) {
		case *unix.SockaddrInet4:
			at = &net.TCPAddr{IP: own.Addr[:], Port: own.Port}
		case *unix.SockaddrInet6:
			at = &net.TCPAddr{IP: own.Addr[:], Port: own.Port}
		}
	})
	return at
}

// RemoteAddr returns where the server is.
func (s *stream) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(s.server) }
