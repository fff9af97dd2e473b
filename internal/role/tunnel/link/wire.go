package link

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"provsim/internal/role/tunnel"
)

// Wire is the connection that a WebSocket writes to. While it holds, it collects
// frames, so that those of many packets share a TLS record and a call of the system.
type Wire struct {
	net.Conn
	mu    sync.Mutex
	holds bool
	held  *[]byte // nil: none
}

// record is how many bytes a TLS record takes. An idle wire has no buffer.
const record = 16 << 10

var records = sync.Pool{New: func() any { b := make([]byte, 0, record); return &b }}

// Write writes, or collects. Control frames do not wait; they come in one piece.
func (w *Wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.holds {
		return w.send(b)
	}
	if w.held == nil {
		w.held = records.Get().(*[]byte)
	}
	*w.held = append(*w.held, b...)
	const control = 0x88 // FIN, and the bit of these opcodes
	if len(*w.held) < record-tunnel.DefaultMTU && b[0]&control != control {
		return len(b), nil
	}
	return len(b), w.flush()
}

// writeTime is how long a peer may take nothing (WT-LIM-2).
const writeTime = time.Minute

// hold writes what the wire has, and makes it collect or not.
func (w *Wire) hold(on bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holds = on
	return w.flush()
}

func (w *Wire) flush() error {
	if w.held == nil {
		return nil
	}
	_, err := w.send(*w.held)
	*w.held = (*w.held)[:0]
	records.Put(w.held)
	w.held = nil
	return err
}

func (w *Wire) send(b []byte) (int, error) {
	w.SetWriteDeadline(time.Now().Add(writeTime))
	return w.Conn.Write(b)
}

// below returns the TCP connection.
func (w *Wire) below() net.Conn {
	c := w.Conn
	for {
		inner, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = inner.NetConn()
	}
}

// Accept answers the upgrade of a link's peer.
func (l *Link) Accept(w http.ResponseWriter, r *http.Request) (*websocket.Conn, *Wire, error) {
	h := &hijacker{ResponseWriter: w}
	conn, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // devices have no origin, and browsers have no password
		OnPingReceived:     l.OnPing, OnPongReceived: l.OnPong,
	})
	return conn, h.wire, err
}

// hijacker puts a wire below a WebSocket of net/http.
type hijacker struct {
	http.ResponseWriter
	wire *Wire
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.wire = &Wire{Conn: c}
	rw.Writer.Reset(h.wire)
	return h.wire, rw, nil
}
