package web

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/textproto"
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
	server   origin   // none where the server will not take another request
	r        *reader
	stop     func() bool // forgets the context; false: the caller has given up
}

// ask sends the request and returns the head of the answer, on the connection
// that is open if it goes to the right server.
func (t *transfer) ask(wait *patience) (*http.Response, error) {
	// A server may have taken a post that got no answer: it goes out on a
	// new connection and once (RFC 9110 section 9.2.2).
	if t.conn != nil && t.conn.server == server(t.req) && t.req.Method != device.Post {
		resp, answered, err := t.exchange()
		// A server may close a connection while the next request is on its way
		// (RFC 9112 section 9.3.1).
		if err == nil || answered || wait.Err() != nil {
			return resp, err
		}
	}
	if err := t.connect(wait); err != nil {
		return nil, err
	}
	resp, _, err := t.exchange()
	return resp, err
}

// connect opens a connection in place of the one before.
func (t *transfer) connect(wait *patience) error {
	t.hangUp(false)
	t.asked = false
	var config *tls.Config
	if t.req.Scheme == "https" {
		var err error
		if config, err = t.tlsConfig(); err != nil {
			return err // before the server hears of us
		}
	}

	address := net.JoinHostPort(t.req.Host, strconv.Itoa(int(t.req.Port)))
	t.phase = connecting + address
	tcp, err := t.client.dial(wait, address)
	if err != nil {
		return err
	}
	if err := tcp.SetDeadline(wait.end); err != nil {
		tcp.Close()
		return err
	}
	t.conn = &conn{Conn: tcp, tcp: tcp, server: server(t.req)}
	t.conn.obey(wait)
	if config != nil {
		t.phase = handshaking
		// A request that follows the handshake must not wait for the
		// acknowledgement of its end.
		if tcp, ok := tcp.(interface{ SetNoDelay(bool) error }); ok {
			_ = tcp.SetNoDelay(true)
		}
		secure := tls.Client(tcp, config)
		if err := secure.Handshake(); err != nil {
			return err
		}
		t.conn.Conn = secure
	}
	t.conn.r = t.client.reader(t.conn.Conn)
	return nil
}

// obey ends the connection's reads and writes when the caller gives up, which a deadline
// that is set later would undo. A connection of a fleet's does so itself, for less.
func (c *conn) obey(wait *patience) {
	if tcp, ok := c.tcp.(interface {
		Obey(ctx context.Context) (stop func() bool)
	}); ok {
		c.stop = tcp.Obey(wait.Context)
		return
	}
	c.stop = context.AfterFunc(wait.Context, func() { c.tcp.SetDeadline(time.Unix(1, 0)) })
}

// dial opens a TCP connection. Keep-alive is for connections that outlast one
// file, and setting it up takes four system calls.
func (c *Client) dial(ctx context.Context, address string) (net.Conn, error) {
	if c.DialContext != nil {
		return c.DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{KeepAlive: -1}).DialContext(ctx, "tcp", address)
}

// exchange sends the request and reads the answer up to its body; answered
// tells whether any byte of an answer came.
func (t *transfer) exchange() (resp *http.Response, answered bool, err error) {
	c := t.conn
	c.r.head.left, c.r.head.err = headLimit, nil
	c.r.request, c.r.asked.Method = t.appendRequest(c.r.request[:0]), method(t.req)
	_, unsent := c.Write(c.r.request)
	if unsent != nil && isTimeout(unsent) {
		t.phase = "sending the request"
		return nil, false, unsent
	}
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
	beginning, _ := c.r.Peek(min(c.r.Buffered(), len(protocol)))
	begins := string(beginning) == protocol
	for range interims + 1 {
		resp, err = http.ReadResponse(&c.r.Reader, &c.r.asked)
		switch {
		case c.r.head.err != nil && err != nil:
			return nil, true, c.r.head.err
		case err != nil:
			return nil, true, fail(resync.HTTPStatus, "the answer is not HTTP: %s", malformed(err, begins))
		case resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols:
			c.r.head.left = math.MaxInt
			return resp, true, nil
		}
	}
	return nil, true, fail(resync.HTTPStatus, "more than %d answers with 1xx and none after them", interims)
}

// protocol is how each status line begins (RFC 9112 section 4).
const protocol = "HTTP/"

// malformed says what is wrong with the head of an answer. It holds none of its
// bytes, which are those of a file where a script has forgotten its header.
func malformed(err error, begins bool) string {
	var header textproto.ProtocolError
	switch {
	case !begins:
		return "it does not begin with a status line such as HTTP/1.1 200 OK"
	case errors.As(err, &header):
		return "a line of its header is not NAME: VALUE"
	}
	return "its status line or its Content-Length is malformed"
}

// drain makes the connection ready for another request, or of no further use
// where the server will close it, the rest of the answer is long, or there is
// more than the answer.
func (c *conn) drain(resp *http.Response) {
	_, err := io.CopyN(io.Discard, resp.Body, drainLimit)
	if resp.Close || err != io.EOF || c.r.Buffered() > 0 {
		c.server = origin{}
	}
}

// hangUp ends the connection, if there is one. Where all went well TLS says
// goodbye; else the other side may not be listening.
func (t *transfer) hangUp(well bool) {
	c := t.conn
	if c == nil {
		return
	}
	t.conn = nil
	c.stop()
	if well {
		c.Conn.Close()
	} else {
		c.tcp.Close()
	}
	if c.r != nil {
		t.client.free(c.r)
	}
}

// An origin is where a request goes, to compare it with another.
type origin struct {
	scheme, host string
	port         uint16
}

func server(req device.Request) origin {
	return origin{req.Scheme, strings.ToLower(req.Host), req.Port}
}

// hostHeader returns the Host header (RFC 9110 section 7.2): no port where it
// is the scheme's own, and an IPv6 address in brackets without its zone.
func hostHeader(req device.Request) string {
	host := req.Host
	if strings.Contains(host, ":") {
		host, _, _ = strings.Cut(host, "%")
	}
	return profile.Authority(req.Scheme, host, req.Port)
}
