package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"provsim/internal/lab"
)

// A server is a TFTP server that runs, or the reason why it does not.
type server struct {
	name    string
	program string
	args    func(at netip.AddrPort, root string) []string
	asRoot  bool // it needs root's rights, to give them up
	windows bool // it knows windowsize (RFC 7440)
	peer    bool // it is somebody else's

	addr   netip.AddrPort
	absent string
	stop   func()
}

func allServers(ctx context.Context) ([]server, error) {
	self, err := os.Executable()
	return []server{
		{name: "atftpd", program: "atftpd", args: atftpdArgs, asRoot: true, windows: true, peer: true},
		{name: "tftpd-hpa", program: findHPA(ctx), args: hpaArgs, asRoot: true, peer: true},
		{name: "provsim lab", program: self, args: labArgs},
	}, err
}

func atftpdArgs(at netip.AddrPort, root string) []string {
	return []string{
		"--daemon", "--no-fork", "--bind-address", at.Addr().String(), "--port", fmt.Sprint(at.Port()),
		"--user", "nobody.nogroup", root,
	}
}

func hpaArgs(at netip.AddrPort, root string) []string {
	return []string{"-L", "-4", "-a", at.String(), "-u", "nobody", "--secure", root}
}

func labArgs(at netip.AddrPort, root string) []string { return []string{"lab", at.String(), root} }

// startServers starts all servers with the files in root.
func startServers(ctx context.Context, root string) ([]server, error) {
	all, err := allServers(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := all[i].start(ctx, root); err != nil {
			stopServers(all)
			return nil, err
		}
	}
	return all, nil
}

func stopServers(servers []server) {
	for _, s := range servers {
		if s.stop != nil {
			s.stop()
		}
	}
}

// start runs a server in the foreground until it is stopped or ctx ends.
func (s *server) start(ctx context.Context, root string) error {
	if s.absent = absent(s.program); s.absent != "" {
		return nil
	}
	if s.asRoot && os.Geteuid() != 0 {
		s.absent = "needs root"
		return nil
	}
	var err error
	if s.addr, err = freeAddr(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, s.program, s.args(s.addr, root)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		cancel()
		return err
	}
	s.stop = func() {
		cancel()
		_ = cmd.Wait() // it was killed, and says so
	}
	if err := awaitServer(s.addr); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// serveLab is provsim's own TFTP server as a program like the others. Within
// the process of provsim's client it would have nobody to wake.
func serveLab(ctx context.Context, address, root string) error {
	l, err := lab.Start(lab.Config{TFTP: address})
	if err != nil {
		return err
	}
	defer l.Close()
	files, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, file := range files {
		body, err := os.ReadFile(filepath.Join(root, file.Name()))
		if err != nil {
			return err
		}
		l.Files.Put(file.Name(), body)
	}
	<-ctx.Done()
	return nil
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
