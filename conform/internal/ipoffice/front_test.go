//go:build linux

package ipoffice_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
	"provsim/internal/role"
	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/wire"
	"provsim/internal/testing/peer"
)

const shift = 8000

// setup is a unit, and the faults between it and its client.
type setup struct {
	level string
	off   []string
	on    []string
	files map[string]string // for phones

	// What a front changes; without any of them the unit itself is asked.
	tftp     func(request, answer []byte) []byte // nil: silence
	samePort bool
	http     func(request string, answer []byte) []byte
	link     func(port int, request, answer []byte) []byte
	refused  []int // ports at which the front does not listen
}

// mutant is a good setup that is changed before it starts.
func mutant(change func(*setup)) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target {
		s := &setup{level: "11.1(17)"}
		change(s)
		return s.start(t)
	}
}

func good(t testing.TB) check.Target { return mutant(func(*setup) {})(t) }

func (s *setup) start(t testing.TB) check.Target {
	t.Helper()
	network := netip.MustParseAddr(peer.Loopback()).As4()
	network[3] = 10
	unit := netip.AddrFrom4(network)
	asked := unit
	level, err := ipoffice.ParseLevel(s.level)
	if err != nil {
		t.Fatal(err)
	}
	c := ipoffice.Config{MAC: ipoffice.MACOf(unit), Level: level, Random: rand.Reader, Security: ipoffice.DefaultSecurity(), Records: ipoffice.Records{"system.name": "SYS1"}}
	for i, name := range append(s.on, s.off...) {
		if err := c.Security.Switch(name, i < len(s.on)); err != nil {
			t.Fatal(err)
		}
	}
	c.Records.SetLAN("lan1", netip.PrefixFrom(unit, 24))
	c.Records.AddUsers(ipoffice.Extensions(2))
	o := ipoffice.Options{Shift: shift, Log: role.NewLog(io.Discard, true, time.Now())}
	if s.files != nil {
		dir := t.TempDir()
		for name, text := range s.files {
			if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if o.Phones, err = os.OpenRoot(dir); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { o.Phones.Close() })
	}
	g, err := ipoffice.Start(o, []ipoffice.Config{c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	if s.tftp != nil || s.samePort || s.http != nil || s.link != nil || s.refused != nil {
		network[3] = 20
		asked = netip.AddrFrom4(network)
		(&front{setup: s, unit: unit, addr: asked}).start(t)
	}
	return check.Target{IPOffice: check.IPOffice{Address: asked, Shift: shift}}
}

// front stands before a unit, at an address as long as the unit's, and passes on what it
// does not change.
type front struct {
	*setup
	unit, addr netip.Addr
}

// own puts the front's address in place of the unit's.
func (f *front) own(b []byte) []byte {
	return bytes.ReplaceAll(b, []byte(f.unit.String()), []byte(f.addr.String()))
}

func (f *front) start(t testing.TB) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(f.addr, 69+shift)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go f.datagrams(conn)
	for _, port := range []int{80, 50797, 50802, 50804, 50812} {
		if slices.Contains(f.refused, port) {
			continue
		}
		l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(netip.AddrPortFrom(f.addr, uint16(port+shift))))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go f.accept(l, port)
	}
}

// wait is how long the front waits for a peer that says nothing.
const wait = 20 * time.Second

// datagrams has a transfer for each request.
func (f *front) datagrams(conn *net.UDPConn) {
	buf := make([]byte, 2048)
	for {
		n, client, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if p, err := tftp.Parse(buf[:n]); err == nil && p.Op != tftp.OpRead && p.Op != tftp.OpWrite {
			continue // of a transfer from the request port: its blocks are few
		}
		go f.transfer(conn, client, bytes.Clone(buf[:n]))
	}
}

// transfer passes the packets of one transfer on, in both directions.
func (f *front) transfer(asked *net.UDPConn, client netip.AddrPort, request []byte) {
	up, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return
	}
	defer up.Close()
	down, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(f.addr, 0)))
	if err != nil {
		return
	}
	defer down.Close()
	up.SetDeadline(time.Now().Add(wait))
	up.WriteToUDPAddrPort(request, netip.AddrPortFrom(f.unit, 69+shift))
	buf := make([]byte, 2048)
	for {
		n, unit, err := up.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		answer := f.own(buf[:n])
		if f.tftp != nil {
			if answer = f.tftp(request, answer); answer == nil {
				return
			}
		}
		from := down
		if f.samePort {
			from = asked
		}
		from.WriteToUDPAddrPort(answer, client)
		if p, err := tftp.Parse(answer); err != nil || p.Op != tftp.OpData || f.samePort {
			return
		}
		down.SetDeadline(time.Now().Add(wait))
		n, _, err = down.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		up.WriteToUDPAddrPort(buf[:n], unit)
	}
}

func (f *front) accept(l *net.TCPListener, port int) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		go func() {
			defer conn.Close()
			up, err := net.Dial("tcp4", netip.AddrPortFrom(f.unit, uint16(port+shift)).String())
			if err != nil {
				return
			}
			defer up.Close()
			for _, c := range []net.Conn{conn, up} {
				c.SetDeadline(time.Now().Add(wait))
			}
			if port == 80 {
				f.page(conn, up)
				return
			}
			f.frames(conn, up, port)
		}()
	}
}

// page passes one request and its answer on.
func (f *front) page(conn, up net.Conn) {
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	if err != nil {
		return
	}
	up.Write(buf[:n])
	answer, _ := io.ReadAll(up)
	answer = f.own(answer)
	if f.http != nil {
		answer = f.http(string(buf[:n]), answer)
	}
	conn.Write(answer)
}

// frames passes messages and answers on by turns.
func (f *front) frames(conn, up net.Conn, port int) {
	down, back := bufio.NewReader(conn), bufio.NewReader(up)
	for {
		request, err := wire.ReadFrame(down)
		if err != nil {
			return
		}
		frame, _ := wire.AppendFrame(nil, request)
		up.Write(frame)
		answer, err := wire.ReadFrame(back)
		if err != nil {
			return
		}
		answer = f.own(answer)
		if f.link != nil {
			answer = f.link(port, request, answer)
		}
		frame, _ = wire.AppendFrame(nil, answer)
		if _, err := conn.Write(frame); err != nil {
			return
		}
	}
}
