package tftp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"provsim/device"
	"provsim/resync"
)

const (
	streamBlocks = 3 * longTransfer       // of the file, beside a short one
	inStream     = longTransfer + 40      // a block that comes by a stream
	never        = time.Hour              // a wait that no test lasts
	patience     = time.Minute            // for a packet that must come
	streamSize   = streamBlocks*512 + 100 // bytes of the file
)

// A manualServer does what a test says, packet by packet.
type manualServer struct {
	t       *testing.T
	repeats bool   // the client's schedule is short
	last    Packet // of the client, that was wanted
	file    []byte
	conn    *net.UDPConn
	client  netip.AddrPort
	reply   chan device.Reply
	ends    context.CancelFunc // of the transfer's context
}

// beginStream starts a transfer, and serves it in lock step or by windows up to the
// acknowledgement of block inStream.
func beginStream(t *testing.T, first time.Duration, options device.TFTPOptions) *manualServer {
	t.Helper()
	before := runtime.GOMAXPROCS(4) // where there is one, no transfer is a stream
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	conn, own := listenUDP(t), listenUDP(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := &manualServer{t: t, repeats: first != never, file: pattern(streamSize), conn: conn, reply: make(chan device.Reply, 1), ends: cancel}
	t.Cleanup(s.ends)
	req := request("127.0.0.1")
	req.Port, req.TFTP, req.Timeout = conn.LocalAddr().(*net.UDPAddr).AddrPort().Port(), options, never
	client := Client{
		Listen:   func(context.Context, netip.AddrPort) (net.PacketConn, error) { return own, nil },
		Schedule: Schedule{First: first, Repeats: 20},
	}
	go func() { s.reply <- client.Fetch(ctx, req) }()
	s.want(OpRead, 0)
	if options.WindowSize > 0 {
		s.send(Packet{Op: OpOptionAck, Options: askFor(options)})
		s.want(OpAck, 0)
	}
	s.serve(1, inStream, max(options.WindowSize, 1))
	if err := own.SetReadDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("the poller has the socket after %d blocks (%v), want a stream in its place", inStream, err)
	}
	return s
}

// listenUDP opens a socket for the length of the test.
func listenUDP(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// read returns the client's next packet.
func (s *manualServer) read() Packet {
	s.t.Helper()
	buffer := make([]byte, 1024)
	s.conn.SetReadDeadline(time.Now().Add(patience))
	n, from, err := s.conn.ReadFromUDPAddrPort(buffer)
	if err != nil {
		s.t.Fatal(err)
	}
	p, err := Parse(buffer[:n])
	if err != nil {
		s.t.Fatal(err)
	}
	s.client = from
	return p
}

// want reads a packet, and skips those that come again from a client that a busy
// machine makes wait.
func (s *manualServer) want(op Op, block int) {
	s.t.Helper()
	p := s.read()
	for s.repeats && s.last.Op == p.Op && s.last.Block == p.Block {
		p = s.read()
	}
	if s.last = p; p.Op != op || p.Block != uint16(block) {
		s.t.Fatalf("client sent %v, want operation %d, block %d", p, op, block)
	}
}

func (s *manualServer) send(p Packet) {
	s.t.Helper()
	if _, err := s.conn.WriteToUDPAddrPort(p.Append(nil), s.client); err != nil {
		s.t.Error(err)
	}
}

func (s *manualServer) block(n int) Packet {
	return Packet{Op: OpData, Block: uint16(n), Data: s.file[(n-1)*512 : min(n*512, len(s.file))]}
}

// serve sends blocks, the last of which ends a window.
func (s *manualServer) serve(first, last, window int) {
	s.t.Helper()
	for n := first; n <= last; n++ {
		s.send(s.block(n))
		if (last-n)%window == 0 {
			s.want(OpAck, n)
		}
	}
}

// finish waits for the end, which must be that of the whole file.
func (s *manualServer) finish() {
	s.t.Helper()
	if reply := <-s.reply; reply.Outcome != resync.None || !bytes.Equal(reply.Body, s.file) {
		s.t.Errorf("outcome %q (%s) with %d bytes, want the file", reply.Outcome, reply.Note, reply.Bytes)
	}
	if n := running.Load(); n != 0 {
		s.t.Errorf("%d transfers run at the end, want none", n)
	}
}

func TestStreamEndsWithContext(t *testing.T) {
	s := beginStream(t, never, device.TFTPOptions{})
	s.ends()
	select {
	case reply := <-s.reply:
		if reply.Outcome != resync.Timeout || !strings.HasPrefix(reply.Note, "stopped") {
			t.Errorf("outcome %v (%s), want it stopped", reply.Outcome, reply.Note)
		}
	case <-time.After(patience):
		t.Fatal("the transfer goes on, want it stopped at once")
	}
}

func TestStreamRefusesStrangers(t *testing.T) {
	s := beginStream(t, never, device.TFTPOptions{})
	stranger := &manualServer{t: t, client: s.client, conn: listenUDP(t)}
	stranger.send(Packet{Op: OpData, Block: inStream + 1, Data: make([]byte, 512)})
	if p := stranger.read(); p.Op != OpError || p.Code != CodeUnknownTID {
		t.Errorf("client answers a packet from another port by %v, want error 5", p)
	}
	s.serve(inStream+1, streamBlocks+1, 1)
	s.finish()
}

func TestStreamRepeatsBySchedule(t *testing.T) {
	const first = 100 * time.Millisecond
	s := beginStream(t, first, device.TFTPOptions{})
	begun := time.Now()
	s.serve(inStream+1, inStream+1, 1)
	again := s.read() // the next block is lost
	if took := time.Since(begun); again.Op != OpAck || again.Block != inStream+1 || took < first {
		t.Fatalf("client sent %v after %v, want ACK %d again after %v at least", again, took, inStream+1, first)
	}
	s.serve(inStream+2, streamBlocks+1, 1)
	s.finish()
}

// Or a server that repeats what is old could put off the repetition for ever.
func TestDeadlineOfStreamIsBeforeDatagrams(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	conn := listenUDP(t)
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	s := openStream(conn)
	defer s.close()
	if _, err := s.WriteToUDPAddrPort([]byte("a"), at); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 2)
	for _, test := range []struct {
		rule     string
		deadline time.Time
		n        int
		err      error
	}{
		{"passed", time.Now(), 0, os.ErrDeadlineExceeded},
		{"to come", time.Now().Add(never), 1, nil},
		{"near, and nothing comes", time.Now().Add(time.Millisecond), 0, os.ErrDeadlineExceeded},
		{"farther, and nothing comes", time.Now().Add(2 * quiet), 0, os.ErrDeadlineExceeded},
	} {
		s.SetReadDeadline(test.deadline)
		if n, _, err := s.ReadFromUDPAddrPort(buffer); n != test.n || err != test.err {
			t.Errorf("deadline %s: %d bytes, %v; want %d, %v", test.rule, n, err, test.n, test.err)
		}
		if test.err != nil && time.Now().Before(test.deadline) {
			t.Errorf("deadline %s: it is before that", test.rule)
		}
	}
}

func TestLooksEndInWait(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	conn := listenUDP(t)
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	s := openStream(conn)
	defer s.close()
	buffer := make([]byte, 2)
	if n, _, err := s.receive(buffer, true); err != syscall.EAGAIN {
		t.Errorf("%d bytes, %v; want EAGAIN after %v", n, err, quiet)
	}
	if _, err := s.WriteToUDPAddrPort([]byte("a"), at); err != nil {
		t.Fatal(err)
	}
	if n, _, err := s.receive(buffer, true); n != 1 || err != nil {
		t.Errorf("%d bytes, %v; want the datagram", n, err)
	}
	s.interrupt()
	if n, from, err := s.receive(buffer, true); n != 0 || from != nil || err != nil {
		t.Errorf("%d bytes from %v, %v; want nothing after the interruption", n, from, err)
	}
}

func TestStreamReportsGapOfWindow(t *testing.T) {
	s := beginStream(t, never, device.TFTPOptions{WindowSize: 4})
	for _, n := range []int{1, 3, 4} { // the second is lost
		s.send(s.block(inStream + n))
	}
	s.want(OpAck, inStream+1)
	s.serve(inStream+2, inStream+5, 4)
	s.serve(inStream+6, streamBlocks+1, 4)
	s.finish()
}

// Or each datagram would wake a thread of the poller beside the stream's.
func TestPollerHasNoStream(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	s := openStream(listenUDP(t))
	defer s.close()
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	pollers := 0
	for _, file := range files {
		if kind, err := os.Readlink(file); err != nil || !strings.Contains(kind, "eventpoll") {
			continue
		}
		pollers++
		polled, err := os.ReadFile("/proc/self/fdinfo/" + filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(polled)) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == "tfd:" && f[1] == strconv.Itoa(s.fd) {
				t.Errorf("the poller has descriptor %d, want it out of there", s.fd)
			}
		}
	}
	if pollers == 0 {
		t.Error("no poller is found, want that of the runtime")
	}
}

func TestManyTransfersAreNoStreams(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for _, test := range []struct {
		transfers int64
		stream    bool
	}{{1, true}, {2, true}, {3, false}, {1000, false}} {
		running.Add(test.transfers)
		s := openStream(listenUDP(t))
		running.Add(-test.transfers)
		if (s != nil) != test.stream {
			t.Errorf("one of %d transfers is a stream: %v, want %v with 3 processors", test.transfers, s != nil, test.stream)
		}
		if s != nil {
			s.close()
		}
	}
}

func TestStreamsAreUDPSocketsAlone(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	both, err := net.ListenUDP("udp", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer both.Close()
	for name, conn := range map[string]net.PacketConn{
		"a conn in memory": newMemoryConn(), "a conn with more to its end": countedConn{listenUDP(t), nil}, "both protocols": both,
	} {
		if s := openStream(conn); s != nil {
			s.close()
			t.Errorf("%s is a stream, want it read as before", name)
		}
	}
}
