package web

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

const (
	headLimit  = 64 << 10 // bytes of status line and header, all interim answers included
	drainLimit = 4 << 10  // bytes of an answer's body that are read to keep the connection
	interims   = 5        // answers with 1xx before the real one
)

// With these bytes a server begins to speak TLS (RFC 8446 section 5.1); no
// status line begins with them.
const (
	tlsAlert     = 0x15
	tlsHandshake = 0x16
)

// A conn is the connection of a transfer.
type conn struct {
	net.Conn          // TCP, or TLS over it
	tcp      net.Conn // what ends at once, without a word to the server
	server   string   // scheme, host and port
	head     *head
	r        *bufio.Reader
	stop     func() bool // forgets the context
}

// ask sends the request and returns the head of the answer, on the connection
// that is open if it goes to the right server.
func (t *transfer) ask(ctx context.Context) (*http.Response, error) {
	if t.conn != nil && t.conn.server == server(t.req) {
		resp, answered, err := t.exchange()
		// A server may close a connection while the next request is on its way
		// (RFC 9112 section 9.3.1).
		if err == nil || answered || ctx.Err() != nil {
			return resp, err
		}
	}
	if err := t.connect(ctx); err != nil {
		return nil, err
	}
	resp, _, err := t.exchange()
	return resp, err
}

// connect opens a connection in place of the one before.
func (t *transfer) connect(ctx context.Context) error {
	t.conn.close(false)
	t.conn, t.asked = nil, false
	var config *tls.Config
	if t.req.Scheme == "https" {
		var err error
		if config, err = t.tlsConfig(); err != nil {
			return err // before the server hears of us
		}
	}

	address := net.JoinHostPort(t.req.Host, strconv.Itoa(int(t.req.Port)))
	t.phase = connecting + address
	dial := t.client.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	tcp, err := dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	t.conn = &conn{Conn: tcp, tcp: tcp, server: server(t.req)}
	t.conn.stop = context.AfterFunc(ctx, func() { tcp.SetDeadline(time.Unix(1, 0)) })
	if config != nil {
		t.phase = handshaking
		secure := tls.Client(tcp, config)
		if err := secure.Handshake(); err != nil {
			return err
		}
		t.conn.Conn = secure
	}
	t.conn.head = &head{r: t.conn.Conn}
	t.conn.r = bufio.NewReader(t.conn.head)
	return nil
}

// exchange sends the request and reads the answer up to its body; answered
// tells whether any byte of an answer came.
func (t *transfer) exchange() (resp *http.Response, answered bool, err error) {
	c := t.conn
	c.head.left, c.head.err = headLimit, nil
	_, unsent := c.Write(t.header())
	t.phase = "waiting for the answer"
	first, err := c.r.Peek(1)
	if err != nil {
		// A server that refuses the client certificate says so and closes. The
		// write may meet the close first, but the alert is still there to read
		// and tells more (FV-OUT-2).
		if _, ok := remoteAlert(err); unsent != nil && !ok {
			t.phase = "sending the request"
			return nil, false, unsent
		}
		return nil, false, err
	}
	if first[0] == tlsAlert || first[0] == tlsHandshake {
		return nil, true, fail(resync.HTTPStatus, "the answer is not HTTP but TLS: the port speaks https")
	}
	for range interims + 1 {
		resp, err = http.ReadResponse(c.r, &http.Request{Method: http.MethodGet})
		switch {
		case c.head.err != nil && err != nil:
			return nil, true, c.head.err
		case err != nil:
			return nil, true, fail(resync.HTTPStatus, "the answer is not HTTP: %v", err)
		case resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols:
			c.head.left = math.MaxInt
			return resp, true, nil
		}
	}
	return nil, true, fail(resync.HTTPStatus, "more than %d answers with 1xx and none after them", interims)
}

// drain makes the connection ready for another request, or of no further use
// where the server will close it, the rest of the answer is long, or there is
// more than the answer.
func (c *conn) drain(resp *http.Response) {
	_, err := io.CopyN(io.Discard, resp.Body, drainLimit)
	if resp.Close || err != io.EOF || c.r.Buffered() > 0 {
		c.server = "" // which is no server's name
	}
}

// close ends the connection. Where all went well TLS says goodbye; else the
// other side may not be listening.
func (c *conn) close(well bool) {
	if c == nil {
		return
	}
	c.stop()
	if well {
		c.Conn.Close()
		return
	}
	c.tcp.Close()
}

// A head reads a connection and ends a head that does not end by itself.
type head struct {
	r    io.Reader
	left int
	err  error // why reading ended
}

func (h *head) Read(p []byte) (n int, err error) {
	if h.left == 0 {
		h.err = fail(resync.TooLarge, "the answer's header is over the limit of %d bytes", headLimit)
		return 0, h.err
	}
	n, err = h.r.Read(p[:min(len(p), h.left)])
	h.left -= n
	if err != nil {
		h.err = err
	}
	return n, err
}

// server names where a request goes, to compare it with another.
func server(req device.Request) string {
	return req.Scheme + " " + strings.ToLower(req.Host) + " " + strconv.Itoa(int(req.Port))
}

// hostHeader returns the Host header (RFC 9110 section 7.2): no port where it
// is the scheme's own, and an IPv6 address in brackets without its zone.
func hostHeader(req device.Request) string {
	host := req.Host
	if strings.Contains(host, ":") {
		host, _, _ = strings.Cut(host, "%")
	}
	if req.Port != profile.DefaultPort(req.Scheme) {
		return net.JoinHostPort(host, strconv.Itoa(int(req.Port)))
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
