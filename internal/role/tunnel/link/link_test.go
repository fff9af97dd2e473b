package link_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
	"provsim/internal/testing/peer"
)

const echo = "4500002400010000400125d9a9fe0102a9fe00010800378a0001000170726f7673696d21"

// raw is a client that writes frames byte by byte.
type raw struct {
	net.Conn
	t testing.TB
}

func (r raw) send(frame string) {
	r.t.Helper()
	b, err := hex.DecodeString(frame)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.Write(b); err != nil {
		r.t.Fatal(err)
	}
}

// closed returns the code of the close frame that comes, whatever comes before it.
func (r raw) closed() int {
	r.t.Helper()
	r.SetReadDeadline(time.Now().Add(time.Minute))
	var all []byte
	b := make([]byte, 4096)
	for {
		n, err := r.Read(b)
		all = append(all, b[:n]...)
		for i := range all {
			if all[i] == 0x88 && i+3 < len(all) && all[i+1]&0x80 == 0 {
				return int(all[i+2])<<8 | int(all[i+3])
			}
		}
		if err != nil {
			r.t.Fatalf("no close frame in %x: %v", all, err)
		}
	}
}

// open returns a link of a server and the client at its other end. Packets go to
// got.
func open(t testing.TB, c link.Config) (l *link.Link, peer raw, got chan []byte, ended chan link.End) {
	t.Helper()
	got, ended = make(chan []byte, 1000), make(chan link.End, 1)
	c.Codec, c.MTU = tunnel.NewCodec(tunnel.Auto, tunnel.ServerMAC, tunnel.MAC(0)), tunnel.DefaultMTU
	c.Receive = func(packet []byte, _ tunnel.Packet) { got <- bytes.Clone(packet) }
	l = link.New(c)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, wire, err := l.Accept(w, r)
		if err != nil {
			t.Error(err)
			return
		}
		ended <- l.Run(conn, wire)
	}))
	t.Cleanup(s.Close)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	peer = raw{conn, t}
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 4096)
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	n, err := conn.Read(head)
	if err != nil || !bytes.Contains(head[:n], []byte("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
		t.Fatalf("%q, %v", head[:n], err)
	}
	return l, peer, got, ended
}

func wait[T any](t testing.TB, c chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatal("nothing comes")
		panic("")
	}
}

// The frames of the specification's section 9.
func TestFrames(t *testing.T) {
	l, other, got, _ := open(t, link.Config{})
	other.send("82a437fa213d" + "72fa211937fb213d77fb04e49e04203f9e04213c3ffa16b737fb213c47884e4b44934c1c")
	if packet := wait(t, got); hex.EncodeToString(packet) != echo {
		t.Errorf("packet %x", packet)
	}
	// Fragments are joined, and a ping may come between them (WT-COD-1).
	other.send("0290" + "00000000" + echo[:32] + "8980" + "00000000" + "8094" + "00000000" + echo[32:])
	if packet := wait(t, got); hex.EncodeToString(packet) != echo {
		t.Errorf("packet %x", packet)
	}
	reply, _ := hex.DecodeString("4500002400010000400125d9a9fe0001a9fe010200003f8a0001000170726f7673696d21")
	l.Send(reply)
	want, _ := hex.DecodeString("8a00" + "8224" + hex.EncodeToString(reply))
	b := make([]byte, len(want))
	for n := 0; n < len(b); {
		m, err := other.Read(b[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	if !bytes.Equal(b, want) {
		t.Errorf("got %x, want %x", b, want)
	}
	peer.Await(t, "the count of a message", func(context.Context) error { // it is counted after the write
		if l.Counts().MessagesOut == 0 {
			return errors.New("no message is counted")
		}
		return nil
	})
	if c := l.Counts(); c.MessagesIn != 2 || c.BytesIn != 72 || c.MessagesOut != 1 || c.Pings != 1 || l.CodecName() != tunnel.IP {
		t.Errorf("%+v, codec %s", c, l.CodecName())
	}
}

// WT-LIFE-5: what a hostile or broken peer sends is answered by the right close
// code, and ends the link.
func TestHostileFrames(t *testing.T) {
	for _, c := range []struct {
		name, frames string
		code         int
	}{
		{"a text message", "8184" + "00000000" + "74657874", 1003},
		{"a frame without mask", "8204" + "74657874", 1002},
		{"reserved bits", "c284" + "00000000" + "74657874", 1002},
		{"an unknown opcode", "8384" + "00000000" + "74657874", 1002},
		{"a fragment of nothing", "8084" + "00000000" + "74657874", 1002},
		{"a ping in fragments", "0984" + "00000000" + "74657874", 1002},
		{"a ping that is too long", "89fe0100" + "00000000", 1002},
		{"a close frame of one byte", "8881" + "00000000" + "03", 1002},
		{"a message of 65,536 bytes", "82ff0000000000010000" + "00000000" + hex.EncodeToString(make([]byte, 65536)), 1009},
		{"a message of fragments without end", "02fe8000" + "00000000" + hex.EncodeToString(make([]byte, 0x8000)) + "00fe8000" + "00000000" + hex.EncodeToString(make([]byte, 0x8000)), 1009},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, peer, _, ended := open(t, link.Config{})
			peer.send(c.frames)
			if got := peer.closed(); got != c.code {
				t.Errorf("code %d, want %d", got, c.code)
			}
			peer.Close()
			if end := wait(t, ended); end.Outcome != tunnel.Closed || end.Code != c.code || end.ByPeer {
				t.Errorf("%+v", end)
			}
		})
	}
}

// WT-COD-4, WT-LIM-1: messages that are no packets are counted, and the link goes
// on. A packet above the MTU is answered by ICMP.
func TestMessagesThatAreNoPackets(t *testing.T) {
	l, peer, got, ended := open(t, link.Config{})
	peer.send("8288" + "00000000" + "c0a8000100000000") // of no codec
	peer.send("82a4" + "00000000" + echo)               // so the codec is ip
	peer.send("8288" + "00000000" + "6000000000000000") // IPv6
	peer.send("8284" + "00000000" + "45000000")         // cut short
	peer.send("8280" + "00000000")                      // nothing
	large := tunnel.Echo(tunnel.Address(2), tunnel.Server, 1, 1, make([]byte, 1400))
	peer.send("82fe" + hex.EncodeToString([]byte{byte(len(large) >> 8), byte(len(large))}) + "00000000" + hex.EncodeToString(large))
	peer.send("82a4" + "00000000" + echo)
	wait(t, got)
	wait(t, got)
	if c := l.Counts(); c.Unknown != 1 || c.IPv6 != 1 || c.Broken != 2 || c.TooLarge != 1 || c.MessagesIn != 7 {
		t.Errorf("%+v", c)
	}
	head := make([]byte, 60)
	for n := 0; n < len(head)-2; {
		m, err := peer.Read(head[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	if p, ok := tunnel.ParsePacket(head[2:58]); !ok || p.Target != tunnel.Address(2) || head[22] != 3 || head[23] != 4 {
		t.Errorf("the answer to a packet above the MTU is %x", head)
	}
	peer.send("8882" + "00000000" + "03e9")
	if end := wait(t, ended); end.Code != 1001 || !end.ByPeer {
		t.Errorf("%+v", end)
	}
}

// WT-LIM-2: a peer that takes nothing gets a bounded queue, and the link goes on.
func TestASlowReader(t *testing.T) {
	l, peer, _, ended := open(t, link.Config{})
	peer.send("82a4" + "00000000" + echo)
	packet := tunnel.Echo(tunnel.Server, tunnel.Address(2), 1, 1, make([]byte, 1200))
	for l.Counts().Dropped < 1000 {
		l.Send(packet)
	}
	l.Reset()
	if end := wait(t, ended); end.Outcome != tunnel.Lost {
		t.Errorf("%+v", end)
	}
}

// WT-LIFE-1: packets that wait do not keep the peer from its close frame.
func TestABusyLinkIsClosed(t *testing.T) {
	l, peer, got, ended := open(t, link.Config{})
	peer.send("82a4" + "00000000" + echo)
	wait(t, got)
	packet, _ := hex.DecodeString(echo)
	done := make(chan struct{})
	go func() {
		for l.Counts().Dropped == 0 {
			l.Send(packet)
		}
		l.Close(link.Restart, "")
		close(done)
	}()
	if code := peer.closed(); code != int(link.Restart) {
		t.Errorf("code %d", code)
	}
	peer.send("8882" + "00000000" + "03e9")
	if end := wait(t, ended); end.Outcome != tunnel.Closed || end.Code != int(link.Restart) || end.ByPeer {
		t.Errorf("%+v", end)
	}
	wait(t, done)
}

// A link that is reset before it has a connection, as by a power cut while the upgrade's
// answer comes in, ends as soon as it has one.
func TestAResetComesFirst(t *testing.T) {
	l := link.New(link.Config{Codec: tunnel.NewCodec(tunnel.IP, tunnel.ServerMAC, tunnel.MAC(0)), MTU: tunnel.DefaultMTU})
	ended := make(chan link.End, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, wire, err := l.Accept(w, r)
		if err != nil {
			t.Error(err)
			return
		}
		l.Reset()
		ended <- l.Run(conn, wire)
	}))
	defer s.Close()
	conn, _, err := websocket.Dial(t.Context(), s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if end := wait(t, ended); end.Outcome != tunnel.Lost {
		t.Errorf("%+v", end)
	}
}

// WT-LIFE-2: a peer that says nothing is pinged each 30 s, and dead after 120 s. One that
// answers the pings alone keeps its tunnel, long after the last packet.
func TestASilentPeer(t *testing.T) {
	for _, answers := range []int{0, 20} {
		synctest.Test(t, func(t *testing.T) { silent(t, answers) })
	}
}

// silent runs a link whose peer answers some pings and then ends the connection.
func silent(t *testing.T, answers int) {
	server, client := net.Pipe()
	l := link.New(link.Config{
		Codec: tunnel.NewCodec(tunnel.IP, tunnel.ServerMAC, tunnel.MAC(0)), MTU: tunnel.DefaultMTU, Ping: tunnel.PingAfter,
		Receive: func([]byte, tunnel.Packet) {},
	})
	begun := time.Now()
	var pings []time.Duration
	go func() {
		b := make([]byte, 100)
		head := []byte("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ")
		n, _ := client.Read(b[:1])
		all := append([]byte(nil), b[:n]...)
		for !bytes.Contains(all, []byte("\r\n\r\n")) {
			n, err := client.Read(b)
			if err != nil {
				return
			}
			all = append(all, b[:n]...)
		}
		at := bytes.Index(all, []byte("Key: ")) + 5
		client.Write(append(append(head, accept(string(all[at:at+24]))...), "\r\n\r\n"...))
		for {
			n, err := client.Read(b)
			if err != nil {
				return
			}
			if b[0] != 0x89 || n == 0 {
				continue
			}
			if pings = append(pings, time.Since(begun)); len(pings) <= answers {
				client.Write([]byte{0x8a, 0})
			} else if answers > 0 {
				client.Close()
			}
		}
	}()
	give := func(context.Context, string, string) (net.Conn, error) { return server, nil }
	conn, _, err := websocket.Dial(context.Background(), "http://x/", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: give, DisableKeepAlives: true}}, OnPingReceived: l.OnPing, OnPongReceived: l.OnPong,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Send(tunnel.Echo(tunnel.Address(2), tunnel.Server, 1, 1, nil))
	end := l.Run(conn, &link.Wire{Conn: server})
	client.Close()
	synctest.Wait()
	want, stands := link.End{Outcome: tunnel.DeadPeer}, 120*time.Second
	if answers > 0 {
		want, stands = link.End{Outcome: tunnel.Lost, ByPeer: true}, time.Duration(answers+1)*30*time.Second
	}
	if stood := time.Since(begun); end != want || stood != stands || len(pings) != max(3, answers+1) || pings[0] != 30*time.Second || pings[2] != 90*time.Second {
		t.Errorf("%+v after %v, pings at %v", end, stood, pings)
	}
}

// accept is the answer to a key (RFC 6455 section 4.2.2).
func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
