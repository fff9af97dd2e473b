package tftp_test

import (
	"bytes"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	group "provsim/conform/internal/tftp"
	"provsim/internal/fetch/tftp"
)

// hostile are servers that answer each datagram with something, the way that no
// server should.
var hostile = []struct {
	name string
	// answer sends what it likes; ports are two further sockets of the server.
	answer func(own *net.UDPConn, ports []*net.UDPConn, to netip.AddrPort, datagram []byte)
}{
	{"is silent", func(*net.UDPConn, []*net.UDPConn, netip.AddrPort, []byte) {}},
	{"sends garbage", func(own *net.UDPConn, _ []*net.UDPConn, to netip.AddrPort, datagram []byte) {
		own.WriteToUDPAddrPort(bytes.Repeat([]byte{0xff}, 9000), to)
	}},
	{"sends empty datagrams", func(own *net.UDPConn, _ []*net.UDPConn, to netip.AddrPort, _ []byte) {
		own.WriteToUDPAddrPort(nil, to)
	}},
	{"sends files without end", func(own *net.UDPConn, _ []*net.UDPConn, to netip.AddrPort, datagram []byte) {
		block := uint16(1)
		if p, err := tftp.Parse(datagram); err == nil && p.Op == tftp.OpAck {
			block = p.Block + 1
		}
		own.WriteToUDPAddrPort(tftp.Packet{Op: tftp.OpData, Block: block, Data: make([]byte, 512)}.Append(nil), to)
	}},
	{"grants all and more", func(own *net.UDPConn, _ []*net.UDPConn, to netip.AddrPort, _ []byte) {
		own.WriteToUDPAddrPort([]byte("\x00\x06blksize\x00-5\x00windowsize\x0099999999999999999999\x00tsize\x00\x00\x00\x00"), to)
	}},
	{"grants blocks of 1 byte", func(own *net.UDPConn, _ []*net.UDPConn, to netip.AddrPort, datagram []byte) {
		answer := tftp.Packet{Op: tftp.OpOptionAck, Options: []tftp.Option{{Name: "blksize", Value: "1"}, {Name: "windowsize", Value: "65535"}}}
		if p, err := tftp.Parse(datagram); err == nil && p.Op == tftp.OpAck {
			answer = tftp.Packet{Op: tftp.OpData, Block: p.Block + 1, Data: []byte("x")}
		}
		own.WriteToUDPAddrPort(answer.Append(nil), to)
	}},
	{"answers from everywhere", func(own *net.UDPConn, ports []*net.UDPConn, to netip.AddrPort, _ []byte) {
		for i, from := range append(ports, own) {
			from.WriteToUDPAddrPort(tftp.Packet{Op: tftp.OpData, Block: uint16(i + 1), Data: make([]byte, 512)}.Append(nil), to)
		}
	}},
	{"answers a thousand times", func(own *net.UDPConn, _ []*net.UDPConn, to netip.AddrPort, _ []byte) {
		for n := range 1000 {
			own.WriteToUDPAddrPort(tftp.Packet{Op: tftp.OpData, Block: uint16(n), Data: make([]byte, 512)}.Append(nil), to)
		}
	}},
}

func TestHostileServersEndInFindings(t *testing.T) {
	for _, test := range hostile {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := listen(t, test.answer)
			// Heavy and destructive checks are in too, but not the time of a slow network.
			report, err := conform.Examine(t.Context(), check.Target{
				TFTP: check.TFTP{Server: server, Empty: "/empty", Large: "/large", Text: "/text"},
			}, conform.Options{
				Checks: group.Checks(), Patience: proof.Patience / 5, Timeout: 4 * time.Second,
				Allow: check.Allow{Heavy: true, Destructive: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				switch {
				case strings.Contains(r.Detail, "panicked"), strings.Contains(r.Detail, "did not end"):
					t.Errorf("%s: %s", r.Check.ID, r.Detail)
				case r.Check.ID == "tftp/1" && r.Verdict != check.Failed:
					t.Errorf("tftp/1: %v, want it to fail: a missing file is not answered with error 1", r.Verdict)
				case r.Check.ID == "tftp/2" && r.Verdict == check.Passed && test.name != "sends files without end":
					t.Errorf("tftp/2 passes: %s", r.Actual)
				}
			}
		})
	}
}

// listen runs a server until the test ends, and returns host:port.
func listen(t *testing.T, answer func(*net.UDPConn, []*net.UDPConn, netip.AddrPort, []byte)) string {
	t.Helper()
	var sockets []*net.UDPConn
	for range 3 {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		sockets = append(sockets, conn)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		datagram := make([]byte, 1<<16)
		for {
			n, from, err := sockets[0].ReadFromUDPAddrPort(datagram)
			if err != nil {
				return
			}
			answer(sockets[0], sockets[1:], from, datagram[:n])
		}
	})
	t.Cleanup(func() {
		for _, conn := range sockets {
			conn.Close()
		}
		serving.Wait()
	})
	return sockets[0].LocalAddr().String()
}

// Some servers, as others before them, are silent about missing files. Only the
// check of that fails; those that build on an answer say so in words.
func TestSilenceAboutMissingFiles(t *testing.T) {
	target := served(t, tftpd.Faults{Send: func(r *tftpd.Request, p tftp.Packet) []tftp.Packet {
		if p.Op == tftp.OpError && p.Code == tftp.CodeNotFound {
			return nil
		}
		return []tftp.Packet{p}
	}})
	report, err := conform.Examine(t.Context(), target, conform.Options{Checks: group.Checks(), Patience: 4 * proof.Patience})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		switch {
		case r.Verdict == check.Failed && r.Check.ID != "tftp/1" && r.Check.ID != "tftp/35":
			t.Errorf("%s fails: %s", r.Check.ID, r.Actual)
		case strings.Contains(r.Detail, "no an answer"):
			t.Errorf("%s: %s", r.Check.ID, r.Detail)
		}
		if r.Check.ID == "tftp/38" && (r.Verdict != check.Errored || !strings.Contains(r.Detail, "see tftp/1")) {
			t.Errorf("tftp/38: %v, %q, want it not carried out", r.Verdict, r.Detail)
		}
	}
}
