package lab_test

import (
	"bytes"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pin/tftp/v3"

	"provsim/internal/lab"
)

// fetchTFTP gets a file by an independent client; a block size of zero asks for
// none.
func fetchTFTP(t *testing.T, l *lab.Lab, name string, blockSize int) ([]byte, error) {
	t.Helper()
	c, err := tftp.NewClient(l.Addr("tftp").String())
	if err != nil {
		t.Fatal(err)
	}
	if blockSize > 0 {
		c.SetBlockSize(blockSize)
	}
	c.SetBackoff(func(int) time.Duration { return 0 })
	transfer, err := c.Receive(name, "octet")
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	_, err = transfer.WriteTo(&body)
	return body.Bytes(), err
}

// request sends a read request by hand.
func request(t *testing.T, l *lab.Lab, name string) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	send(t, l, conn, "\x00\x01"+name+"\x00octet\x00")
	return conn
}

func send(t *testing.T, l *lab.Lab, conn *net.UDPConn, packet string) {
	t.Helper()
	if _, err := conn.WriteToUDPAddrPort([]byte(packet), l.Addr("tftp")); err != nil {
		t.Fatal(err)
	}
}

// receive returns the next packet and acknowledges it if it is a block.
func receive(t *testing.T, conn *net.UDPConn) (packet string, port int) {
	t.Helper()
	buffer := make([]byte, 1500)
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, from, err := conn.ReadFromUDP(buffer)
	if err != nil {
		t.Fatal(err)
	}
	if buffer[1] == 3 {
		conn.WriteToUDP([]byte{0, 4, buffer[2], buffer[3]}, from)
	}
	return string(buffer[:n]), from.Port
}

// silent reports whether nothing comes for a while, which is shorter than the
// server's time of retransmission.
func silent(conn *net.UDPConn) bool {
	conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	_, _, err := conn.ReadFromUDP(make([]byte, 1500))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

func TestTFTPErrors(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("x"))
	l.Files.Deny("secret")
	l.Faults.Set("/gone", lab.Fault{Status: 404})
	l.Faults.Set("/forbidden", lab.Fault{Status: 403})
	l.Faults.Set("/broken", lab.Fault{Status: 500})
	for name, code := range map[string]byte{"missing": 1, "gone": 1, "secret": 2, "forbidden": 2, "broken": 0} {
		packet, port := receive(t, request(t, l, name))
		if packet[1] != 5 || packet[3] != code {
			t.Errorf("%s: packet %q, want error %d", name, packet, code)
		}
		if port == int(l.Addr("tftp").Port()) {
			t.Errorf("%s: the answer comes from the server's port, want one of its own", name)
		}
	}
	conn := request(t, l, "missing")
	receive(t, conn)
	send(t, l, conn, "\x00\x02file\x00octet\x00")
	if packet, _ := receive(t, conn); packet[1] != 5 || packet[3] != 2 {
		t.Errorf("a write request gets %q, want error 2", packet)
	}
}

func TestTFTPIgnoresWhatIsNoRequest(t *testing.T) {
	l, _ := start(t, lab.Config{})
	conn := request(t, l, "missing")
	receive(t, conn)
	for _, packet := range []string{"", "\x00", "\x00\x01", "\x00\x03\x00\x01x", "\x00\x04\x00\x01", "\xff\x01abcd"} {
		send(t, l, conn, packet)
	}
	if !silent(conn) {
		t.Error("a packet that is no request was answered")
	}
}

func TestDroppedPackets(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("hello"))
	l.Faults.Set("/file", lab.Fault{Drop: lab.Pick{Numbers: []int{1}}})
	conn := request(t, l, "file")
	if !silent(conn) {
		t.Error("a dropped request was answered")
	}
	send(t, l, conn, "\x00\x01file\x00octet\x00")
	if packet, _ := receive(t, conn); packet != "\x00\x03\x00\x01hello" {
		t.Errorf("the second request gets %q, want the file", packet)
	}
}

func TestADroppedBlockComesAgain(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("hello"))
	l.Faults.Set("/file", lab.Fault{Drop: lab.Pick{Numbers: []int{2}}})
	conn := request(t, l, "file")
	if !silent(conn) {
		t.Error("a dropped block arrived")
	}
	if packet, _ := receive(t, conn); packet != "\x00\x03\x00\x01hello" {
		t.Errorf("then comes %q, want the block", packet)
	}
}

func TestDuplicatedPackets(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("hello"))
	l.Faults.Set("/file", lab.Fault{Duplicate: lab.Pick{Numbers: []int{2}}})
	conn := request(t, l, "file")
	first, port := receive(t, conn)
	second, again := receive(t, conn)
	if first != "\x00\x03\x00\x01hello" || second != first || again != port {
		t.Errorf("%q from %d and %q from %d, want the same block twice from one port", first, port, second, again)
	}
}

func TestStrayPackets(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("hello"))
	l.Faults.Set("/file", lab.Fault{Stray: lab.Pick{Share: 1}})
	conn := request(t, l, "file")
	forged, other := receive(t, conn)
	good, port := receive(t, conn)
	if other == port || forged[:4] != good[:4] || forged[4:] == good[4:] || good[4:] != "hello" {
		t.Errorf("%q from %d and %q from %d, want a forged block from another port and then the block", forged, other, good, port)
	}
	if !silent(conn) {
		t.Error("the acknowledgement came back forged")
	}
}

func TestDelayedPackets(t *testing.T) {
	const delay = 20 * time.Millisecond
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", make([]byte, 600)) // two blocks
	l.Faults.Set("/file", lab.Fault{Delay: delay})
	begin := time.Now()
	if _, err := fetchTFTP(t, l, "file", 0); err != nil {
		t.Fatal(err)
	}
	// Two blocks and the first acknowledgement lie between request and end.
	if took := time.Since(begin); took < 3*delay {
		t.Errorf("a transfer of %v, want each packet delayed by %v", took, delay)
	}
}

func TestTruncatedTransfer(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", make([]byte, 2000))
	l.Faults.Set("/file", lab.Fault{Truncate: 1100})
	conn := request(t, l, "file")
	for range 2 {
		if packet, _ := receive(t, conn); len(packet) != 4+512 {
			t.Fatalf("packet of %d bytes, want a whole block", len(packet))
		}
	}
	if !silent(conn) {
		t.Error("a third block came")
	}
}

func TestStalledTransfer(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Files.Put("file", []byte("hello"))
	l.Faults.Set("/", lab.Fault{Stall: true})
	if !silent(request(t, l, "file")) {
		t.Error("a stalled server answered")
	}
}

func TestEndlessTransfer(t *testing.T) {
	l, _ := start(t, lab.Config{})
	l.Faults.Set("/", lab.Fault{Endless: true})
	conn := request(t, l, "any")
	for n := 1; n <= 300; n++ {
		packet, _ := receive(t, conn)
		if block := int(packet[2])<<8 | int(packet[3]); block != n || len(packet) != 4+512 {
			t.Fatalf("block %d of %d bytes, want block %d of 512", block, len(packet)-4, n)
		}
	}
}
