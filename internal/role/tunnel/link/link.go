// Package link is a WebSocket as a link of IP packets: both ends of a tunnel are
// one (WT-COD-1, WT-LIFE-2, WT-LIFE-5, WT-LIM-1, WT-LIM-2).
//
// A [Link] has one goroutine that reads, which is its owner's in [Link.Run], and
// one that writes. Packets wait in a bounded queue; the reader never waits for it.
package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"provsim/internal/role/tunnel"
)

// Close codes (WT-LIFE-5).
const (
	Reconfigured = websocket.StatusNormalClosure
	Restart      = websocket.StatusGoingAway
	Framing      = websocket.StatusProtocolError
	Text         = websocket.StatusUnsupportedData
	Policy       = websocket.StatusPolicyViolation
	Internal     = websocket.StatusInternalError
	Full         = websocket.StatusTryAgainLater
	Superseded   = websocket.StatusCode(4000)
)

// Config describes a link. The zero value of a field switches it off, except for
// Codec and MTU.
type Config struct {
	Codec tunnel.Codec
	MTU   int           // a larger packet that comes in is answered by ICMP
	Ping  time.Duration // how often a silent peer is pinged
	Hold  time.Duration // how long a tunnel is kept whose messages are of no codec
	// Receive takes a packet that came in. It must not keep the bytes, and must not
	// wait.
	Receive func(packet []byte, head tunnel.Packet)
	Faults  Faults
}

// Faults are what a link does wrong on purpose (WT-SRV-2).
type Faults struct {
	NoPong bool          // pings are not answered
	Silent bool          // nothing is sent
	Drop   float64       // the part of packets that is dropped, 0 to 1
	Delay  time.Duration // of each packet that is sent
}

// Counts are of one link.
type Counts struct {
	MessagesIn, MessagesOut int64
	BytesIn, BytesOut       int64 // of messages
	Dropped                 int64 // packets that found the queue full
	TooLarge, Broken, IPv6  int64 // messages that were no packet to pass on
	Unknown                 int64 // messages of no codec
	Pings                   int64 // that came in
}

// Add adds other counts.
func (c *Counts) Add(o Counts) {
	c.MessagesIn += o.MessagesIn
	c.MessagesOut += o.MessagesOut
	c.BytesIn += o.BytesIn
	c.BytesOut += o.BytesOut
	c.Dropped += o.Dropped
	c.TooLarge += o.TooLarge
	c.Broken += o.Broken
	c.IPv6 += o.IPv6
	c.Unknown += o.Unknown
	c.Pings += o.Pings
}

// End is how a link ended.
type End struct {
	Outcome tunnel.Outcome // Closed, Lost or DeadPeer
	Code    int            // of the close frame, where there was one
	ByPeer  bool           // the peer has closed
}

// Note says which end closed the link, how long it stood and what it carried, with the
// names of its own end and of the peer.
func (e End) Note(own, peer string, stood time.Duration, c Counts) string {
	if e.ByPeer {
		own = peer
	}
	return fmt.Sprintf("by %s, stood %v, in %d messages %d bytes, out %d messages %d bytes, %d dropped",
		own, stood.Round(time.Millisecond), c.MessagesIn, c.BytesIn, c.MessagesOut, c.BytesOut, c.Dropped)
}

// Link is one WebSocket. Make it with [New], take the connection with [Link.Accept], or
// open one on a [Wire] with its methods OnPing and OnPong, and Run it.
type Link struct {
	config Config
	record *Recording
	conn   *websocket.Conn
	wire   *Wire
	raw    net.Conn // below TLS
	start  time.Time

	mu     sync.Mutex
	counts Counts
	queue  []queued
	rtt    time.Duration
	own    websocket.StatusCode // of our close frame, or 0
	dead   bool                 // taken for dead
	reset  bool                 // by this end
	sent   uint64               // packets so far, by which faults are drawn

	codec sync.Mutex // guards config.Codec
	wake  chan struct{}
	done  chan struct{}

	lastIn atomic.Int64 // since start
	pings  atomic.Int32 // since then
	watch  *time.Timer
}

// New returns a link that has no connection yet.
func New(c Config) *Link {
	return &Link{config: c, start: time.Now(), wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// SetRecording makes the link write down what it carries. It goes before Run.
func (l *Link) SetRecording(r *Recording) { l.record = r }

// OnPing says that a ping came in, and whether to answer it.
func (l *Link) OnPing(context.Context, []byte) bool {
	l.heard()
	l.mu.Lock()
	l.counts.Pings++
	l.mu.Unlock()
	return !l.config.Faults.NoPong && !l.config.Faults.Silent
}

// OnPong says that a pong came in.
func (l *Link) OnPong(context.Context, []byte) { l.heard() }

func (l *Link) heard() {
	l.lastIn.Store(int64(time.Since(l.start)))
	l.pings.Store(0)
}

// Since returns how long ago the last message came in.
func (l *Link) Since() time.Duration { return time.Since(l.start) - time.Duration(l.lastIn.Load()) }

// Counts returns what has gone through the link.
func (l *Link) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

// RoundTrip returns how long the last ping took, or 0.
func (l *Link) RoundTrip() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rtt
}

// CodecName returns the codec, which with auto is known after the first message.
func (l *Link) CodecName() string {
	l.codec.Lock()
	defer l.codec.Unlock()
	return l.config.Codec.Name()
}

// Run carries packets until the link ends. The wire is that of the WebSocket.
func (l *Link) Run(conn *websocket.Conn, wire *Wire) End {
	l.mu.Lock()
	raw := wire.below()
	l.conn, l.wire, l.raw = conn, wire, raw
	closing, reset := l.own, l.reset
	l.mu.Unlock()
	l.heard()
	conn.SetReadLimit(tunnel.MaxMessage)
	if tcp, ok := raw.(*net.TCPConn); ok {
		tcp.SetKeepAlive(false) // WT-LIFE-2
	}
	l.watch = time.AfterFunc(time.Hour, l.look)
	l.look()
	var writer sync.WaitGroup
	writer.Go(l.write)
	switch {
	case reset:
		l.Reset()
	case closing != 0:
		go l.Close(closing, "")
	}
	err := l.read()
	end := l.ended(err)
	close(l.done)
	l.watch.Stop()
	conn.CloseNow()
	writer.Wait()
	l.record.close()
	return end
}

// ended says how the link ended, by the error of the reader.
func (l *Link) ended(err error) End {
	code := websocket.CloseStatus(err)
	l.mu.Lock()
	own, dead := l.own, l.dead
	l.mu.Unlock()
	var failed net.Error
	switch {
	case dead:
		return End{Outcome: tunnel.DeadPeer}
	case own != 0:
		return End{Outcome: tunnel.Closed, Code: int(own)}
	case code >= 0:
		return End{Outcome: tunnel.Closed, Code: int(code), ByPeer: true}
	case errors.Is(err, websocket.ErrMessageTooBig): // the library has sent the close frame
		return End{Outcome: tunnel.Closed, Code: int(websocket.StatusMessageTooBig)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &failed):
		return End{Outcome: tunnel.Lost, ByPeer: true}
	}
	l.Close(Framing, "") // all other errors are of the peer's frames
	return End{Outcome: tunnel.Closed, Code: int(Framing)}
}

// Close ends the link in order: it sends a close frame, waits 5 s for the echo and
// ends TCP (WT-LIFE-1). A link that has no connection yet is closed when it gets
// one.
func (l *Link) Close(code websocket.StatusCode, reason string) {
	l.mu.Lock()
	if l.own == 0 {
		l.own = code
	}
	conn, raw := l.conn, l.raw
	l.mu.Unlock()
	if conn == nil {
		return
	}
	raw.SetWriteDeadline(time.Now().Add(5 * time.Second))
	conn.Close(code, reason)
}

// Reset ends the link by a TCP reset. A link that has no connection yet is reset when
// it gets one.
func (l *Link) Reset() {
	l.mu.Lock()
	l.reset = true
	raw := l.raw
	l.mu.Unlock()
	if raw == nil {
		return
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	raw.Close()
}

// look pings a silent peer and gives a dead one up (WT-LIFE-2).
func (l *Link) look() {
	ping, dead, next := tunnel.Watch(l.Since(), l.config.Ping, int(l.pings.Load()))
	held := l.config.Hold > 0 && time.Since(l.start) >= l.config.Hold && l.Counts().Unknown > 0 && l.CodecName() == tunnel.Auto
	switch {
	case dead:
		l.mu.Lock()
		l.dead = true
		l.mu.Unlock()
		l.Reset()
		return
	case held:
		go l.Close(Policy, "no known codec")
		return
	case ping && !l.config.Faults.Silent:
		l.pings.Add(1)
		go l.ping()
	}
	select {
	case <-l.done:
	default:
		l.watch.Reset(next)
	}
}

func (l *Link) ping() {
	ctx, cancel := context.WithTimeout(context.Background(), tunnel.DeadAfter)
	defer cancel()
	begun := time.Now()
	if l.conn.Ping(ctx) == nil {
		l.mu.Lock()
		l.rtt = time.Since(begun)
		l.mu.Unlock()
	}
}

// buffers hold one message each. A reader that waits has none.
// The read limit lets one byte more in than a message may have.
var buffers = sync.Pool{New: func() any { b := make([]byte, tunnel.MaxMessage+2); return &b }}

func (l *Link) read() error {
	for {
		kind, r, err := l.conn.Reader(context.Background())
		if err != nil {
			return err
		}
		buffer := buffers.Get().(*[]byte)
		n, err := io.ReadFull(r, *buffer)
		if err == io.EOF || err == io.ErrUnexpectedEOF { // by itself, the end of the message; of the connection it is wrapped
			err = nil
		}
		if err == nil {
			l.heard()
			l.record.message(time.Since(l.start), In, kind, (*buffer)[:n])
			if kind == websocket.MessageText {
				buffers.Put(buffer)
				l.Close(Text, "")
				return nil
			}
			l.received((*buffer)[:n])
		}
		buffers.Put(buffer)
		if err != nil {
			return err
		}
	}
}

// received takes a binary message.
func (l *Link) received(m []byte) {
	l.codec.Lock()
	packet, reply, err := l.config.Codec.Decode(m)
	l.codec.Unlock()
	head, large := tunnel.Packet{}, false
	if packet != nil {
		head, _ = tunnel.ParsePacket(packet)
		large = len(packet) > l.config.MTU
	}
	l.mu.Lock()
	c := &l.counts
	c.MessagesIn++
	c.BytesIn += int64(len(m))
	switch {
	case errors.Is(err, tunnel.ErrUnknown):
		c.Unknown++
	case errors.Is(err, tunnel.ErrIPv6):
		c.IPv6++
	case err != nil:
		c.Broken++
	case large:
		c.TooLarge++
	}
	l.mu.Unlock()
	switch {
	case reply != nil:
		l.SendMessage(websocket.MessageBinary, bytes.Clone(reply))
	case packet == nil:
	case large:
		l.Send(tunnel.TooLarge(packet, head.Target, l.config.MTU))
	default:
		l.record.packet(time.Now(), packet)
		l.config.Receive(packet, head)
	}
}
