package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"time"

	"provsim/internal/lab"
)

// A server is a TFTP server that runs, or the reason why it does not.
type server struct {
	name    string
	addr    netip.AddrPort
	windows bool // it knows windowsize (RFC 7440)
	absent  string
	stop    func()
}

// startServers starts all servers with the files of a site. Those that are
// programs read them in root.
func startServers(ctx context.Context, root string, s site) ([]server, error) {
	var started []server
	add := func(s server, err error) error {
		started = append(started, s)
		return err
	}
	err := errors.Join(
		add(startProgram(ctx, server{name: "atftpd", windows: true}, "atftpd", func(at netip.AddrPort) []string {
			return []string{"--daemon", "--no-fork", "--bind-address", at.Addr().String(), "--port", fmt.Sprint(at.Port()), "--user", "nobody.nogroup", root}
		})),
		add(startProgram(ctx, server{name: "tftpd-hpa"}, findHPA(ctx), func(at netip.AddrPort) []string {
			return []string{"-L", "-4", "-a", at.String(), "-u", "nobody", "--secure", root}
		})),
		add(startLab(s)),
	)
	if err != nil {
		stopServers(started)
	}
	return started, err
}

func stopServers(servers []server) {
	for _, s := range servers {
		if s.stop != nil {
			s.stop()
		}
	}
}

// startLab runs provsim's own server within this process.
func startLab(s site) (server, error) {
	l, err := lab.Start(lab.Config{})
	if err != nil {
		return server{}, err
	}
	for name, body := range s {
		l.Files.Put(name, body)
	}
	return server{name: "provsim lab", addr: l.Addr("tftp"), stop: func() { l.Close() }}, nil
}

// startProgram runs a server in the foreground until it is stopped or ctx ends.
func startProgram(ctx context.Context, s server, program string, args func(at netip.AddrPort) []string) (server, error) {
	if s.absent = absent(program); s.absent != "" {
		return s, nil
	}
	if os.Geteuid() != 0 {
		s.absent = "needs root" // to give up root's rights
		return s, nil
	}
	var err error
	if s.addr, err = freeAddr(); err != nil {
		return s, err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program, args(s.addr)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		cancel()
		return s, err
	}
	s.stop = func() {
		cancel()
		_ = cmd.Wait() // it was killed, and says so
	}
	if err := awaitServer(s.addr); err != nil {
		return s, fmt.Errorf("%s: %w", s.name, err)
	}
	return s, nil
}

// findHPA returns tftpd-hpa's program, or nothing: where it is unpacked, or in
// PATH. Debian's atftpd is called in.tftpd as well, so the program is asked.
func findHPA(ctx context.Context) string {
	for _, path := range []string{os.Getenv("PROVSIM_TFTPD_HPA"), ".cache/tftpd-hpa/usr/sbin/in.tftpd", "in.tftpd"} {
		if strings.HasPrefix(version(ctx, path, "-V"), "tftp-hpa") {
			return path
		}
	}
	return ""
}

// freeAddr returns a loopback address whose UDP port nobody uses.
func freeAddr() (netip.AddrPort, error) {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer conn.Close()
	return netip.ParseAddrPort(conn.LocalAddr().String())
}

// awaitServer asks for a file that is not there until it is answered.
func awaitServer(at netip.AddrPort) error {
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	const patience, again = 5 * time.Second, 20 * time.Millisecond
	for start := time.Now(); time.Since(start) < patience; {
		if _, err := conn.WriteToUDPAddrPort([]byte("\x00\x01nothing\x00octet\x00"), at); err != nil {
			return err
		}
		if err := conn.SetReadDeadline(time.Now().Add(again)); err != nil {
			return err
		}
		if _, _, err = conn.ReadFrom(make([]byte, 600)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no answer on %v within %v: %w", at, patience, err)
}
