package egress

import (
	"context"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// connect opens a TCP connection from an address, or from one that the system
// chooses. A fleet connects for every file, and package net does more than that
// takes: it asks for the connection's error and for both of its addresses, lets
// another goroutine watch the context, and sleeps even where the server is so
// near that it has answered before the system call returns.
func connect(ctx context.Context, from netip.Addr, server netip.AddrPort) (net.Conn, error) {
	conn, err := open(ctx, from, server)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(server), Err: err}
	}
	return conn, nil
}

func open(ctx context.Context, from netip.Addr, server netip.AddrPort) (*stream, error) {
	to, family, err := sockaddr(server)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err = prepare(fd, from); err == nil {
		err = unix.Connect(fd, to)
	}
	// A second call returns the result of the first one (connect(2), EALREADY).
	if unfinished(err) {
		err = unix.Connect(fd, to)
	}
	conn := &stream{server: server, fd: fd}
	if unfinished(err) {
		err = conn.await(ctx, to)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// unfinished reports whether a handshake is under way.
func unfinished(err error) bool {
	return err == unix.EINPROGRESS || err == unix.EALREADY || err == unix.EINTR
}

// prepare gives a socket its source. The choice of the port is left to connect,
// where the other end is known: each address has all its ports for each server,
// and not once for all of them (ip(7), IP_BIND_ADDRESS_NO_PORT). The option is
// of level IP for IPv6 too; Linux before 4.2 does not know it.
func prepare(fd int, from netip.Addr) error {
	if !from.IsValid() {
		return nil
	}
	err := unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	if err != nil && err != unix.ENOPROTOOPT {
		return os.NewSyscallError("setsockopt", err)
	}
	at, _, err := sockaddr(netip.AddrPortFrom(from, 0))
	if err != nil {
		return err
	}
	return os.NewSyscallError("bind", unix.Bind(fd, at))
}

// sockaddr returns an address as system calls take it.
func sockaddr(a netip.AddrPort) (addr unix.Sockaddr, family int, err error) {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}, unix.AF_INET, nil
	}
	six := &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
	if zone := a.Addr().Zone(); zone != "" {
		link, err := net.InterfaceByName(zone)
		if err != nil {
			return nil, 0, err
		}
		six.ZoneId = uint32(link.Index)
	}
	return six, unix.AF_INET6, nil
}
