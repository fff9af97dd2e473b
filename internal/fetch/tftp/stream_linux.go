package tftp

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A stream is the socket of a long transfer, outside of the runtime's poller: the
// goroutine waits in the system call itself. In lock step the wake-ups limit a
// transfer. By way of the poller a block wakes a thread, which finds the goroutine,
// which reads twice and lets the thread sleep again: this is two fifths of the
// processor time.
type stream struct {
	file     *os.File
	fd       int
	deadline time.Time
	yielded  time.Time // when the goroutine last let others run
	began    time.Time // when the last read began; zero: a datagram has been sent since
}

const (
	// quiet is how long a stream reads without a look at its deadline.
	quiet = 10 * time.Millisecond
	// yieldEvery keeps the runtime from taking the processor of a goroutine that has
	// not yielded for 10 ms. Its monitor thread then wakes up 50 times in quick succession.
	// A yield costs too: it wakes another thread.
	yieldEvery = 5 * time.Millisecond
	// near is how soon after the last datagram the next one of a window follows where it
	// pays to look for it, for a few microseconds, before the thread sleeps.
	near = 50 * time.Microsecond
	// looks is how often a stream looks.
	looks = 16
)

// openStream moves a socket out of the poller, and closes it. It returns nil, and
// leaves the socket as it is, where that is no UDP socket for IPv4 alone, or where
// many transfers run: a stream occupies a thread, and most of the time one of the
// runtime's processors (GOMAXPROCS), so there are fewer streams than processors.
func openStream(conn net.PacketConn) *stream {
	udp, ok := conn.(*net.UDPConn)
	if !ok || udp.LocalAddr().(*net.UDPAddr).IP.To4() == nil || running.Load() >= int64(runtime.GOMAXPROCS(0)) {
		return nil
	}
	file, err := blocking(udp)
	if err != nil {
		return nil
	}
	udp.Close()
	return &stream{file: file, fd: int(file.Fd())}
}

// blocking returns a second descriptor of a socket whose calls block, for quiet at
// most. The poller must never see it, or each datagram would wake the poller too;
// [net.UDPConn.File] shows it.
func blocking(conn *net.UDPConn) (file *os.File, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var result error
	err = raw.Control(func(fd uintptr) {
		limit := unix.NsecToTimeval(int64(quiet))
		if result = unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); result != nil {
			return
		}
		var second int
		if second, result = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0); result != nil {
			return
		}
		if result = unix.SetNonblock(second, false); result != nil { // of both, they are one file
			unix.Close(second)
			return
		}
		file = os.NewFile(uintptr(second), "udp")
	})
	return file, errors.Join(err, result)
}

// ReadFromUDPAddrPort waits for a datagram or for the deadline.
func (s *stream) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	for silent := false; ; silent = true {
		now := time.Now()
		if now.Sub(s.yielded) >= yieldEvery {
			s.yielded = now
			runtime.Gosched()
		}
		left := s.deadline.Sub(now)
		if left <= 0 || (silent || left < quiet) && !s.poll(left) {
			return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
		}
		flows := now.Sub(s.began) < near
		s.began = now
		n, from, err := s.receive(b, flows)
		switch from, ok := from.(*syscall.SockaddrInet4); {
		case ok:
			return n, netip.AddrPortFrom(netip.AddrFrom4(from.Addr), uint16(from.Port)), nil
		case err == nil: // interrupted: the socket is shut down
			return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
		case err != syscall.EAGAIN && err != syscall.EINTR:
			return 0, netip.AddrPort{}, os.NewSyscallError("recvfrom", err)
		}
	}
}

// receive waits for a datagram, for quiet at most. Where datagrams flow it looks
// before it sleeps. The client handles a datagram faster than a server sends the next,
// so it would sleep after most datagrams of a window, and each wake-up costs both of
// them more than the looks. Between two looks the server may have the processor.
func (s *stream) receive(b []byte, flows bool) (n int, from syscall.Sockaddr, err error) {
	for look := 0; flows && look < looks; look++ {
		if n, from, err = syscall.Recvfrom(s.fd, b, syscall.MSG_DONTWAIT); err != syscall.EAGAIN {
			return n, from, err
		}
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
	return syscall.Recvfrom(s.fd, b, 0)
}

// poll waits for a datagram and reports whether there is one, or may be.
func (s *stream) poll(left time.Duration) bool {
	limit := unix.NsecToTimespec(int64(left))
	n, err := unix.Ppoll([]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}, &limit, nil)
	return n != 0 || err != nil
}

func (s *stream) WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error) {
	s.began = time.Time{}
	for {
		err := syscall.Sendto(s.fd, b, 0, &syscall.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()})
		if err != syscall.EINTR {
			return len(b), os.NewSyscallError("sendto", err)
		}
	}
}

func (s *stream) SetReadDeadline(at time.Time) error {
	s.deadline = at
	return nil
}

// interrupt ends a read under way and all later ones. It may be called at any time
// and in any goroutine. Linux calls the shutdown an error where a socket has no peer,
// and does it.
func (s *stream) interrupt() {
	if raw, err := s.file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RD) })
	}
}

func (s *stream) close() { s.file.Close() }
