package check

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"provsim/device"
)

// MaxAnswer is how many bytes a check takes from a web server on one
// connection.
const MaxAnswer = 8 << 20

// An Answer is a web server's answer to one request.
type Answer struct {
	Status int
	Proto  string // such as "HTTP/1.1"
	Header http.Header
	// Body is as it was transferred: chunks are put together, nothing is
	// unpacked.
	Body []byte
	// Cut says why the body ends before its time: an error of the connection,
	// io.ErrUnexpectedEOF, ErrTooMuch.
	Cut    error
	Length int64 // the announced length, -1 where none was
	Close  bool  // the server closes the connection after the answer
}

// String says what the answer is, for a finding's Actual.
func (a *Answer) String() string {
	text := fmt.Sprintf("status %d, %d bytes", a.Status, len(a.Body))
	if where := a.Header.Get("Location"); where != "" {
		text += ", to " + where
	}
	if a.Cut != nil {
		text += fmt.Sprintf(", cut short (%v)", a.Cut)
	}
	return text
}

// Dial connects to a web server, over TLS as the first phone where the scheme
// is https. The caller closes the connection; the end of the context ends it too.
func (p *Probe) Dial(ctx context.Context, to Origin) (net.Conn, error) {
	if to.Scheme == "https" {
		config := p.TLS(p.firstPhone())
		// The checks of certificates judge what phones of the guide's age accept.
		lax := p.First().TLS
		config.InsecureSkipVerify = lax.AnyChain || lax.AnyName || lax.CommonName || lax.SHA1
		return p.Handshake(ctx, to, config)
	}
	return p.connect(ctx, to)
}

func (p *Probe) connect(ctx context.Context, to Origin) (net.Conn, error) {
	// The context ends with the check; the deadline is for a server that is
	// silent only now and then.
	dialing, cancel := context.WithTimeout(ctx, 2*p.Patience)
	defer cancel()
	conn, err := p.dialer.DialContext(dialing, "tcp", to.address())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	return &limitedConn{Conn: conn, left: MaxAnswer, stop: stop}, nil
}

// A limitedConn ends with its context, and with a server that sends
// without end.
type limitedConn struct {
	net.Conn
	left int
	stop func() bool
}

func (c *limitedConn) Read(into []byte) (int, error) {
	if c.left <= 0 {
		return 0, ErrTooMuch
	}
	n, err := c.Conn.Read(into[:min(len(into), c.left)])
	c.left -= n
	return n, err
}

func (c *limitedConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

// Ask sends a request as it is written, head and body, on a connection of its
// own and returns the answer. An error means that no answer came.
func (p *Probe) Ask(ctx context.Context, to Origin, request string) (*Answer, error) {
	conn, err := p.Dial(ctx, to)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return p.AskOn(ctx, conn, request)
}

// AskOn is [Probe.Ask] on a connection that is there already, such as that of
// [Probe.Handshake]. Requests on one connection go one after another; an answer
// that is cut leaves it unusable.
func (p *Probe) AskOn(ctx context.Context, conn net.Conn, request string) (*Answer, error) {
	if err := p.limit(ctx, conn); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, err
	}
	return p.Read(ctx, conn, request)
}

// Read reads the answer to a request that was sent on a connection.
func (p *Probe) Read(ctx context.Context, conn net.Conn, request string) (*Answer, error) {
	if err := p.limit(ctx, conn); err != nil {
		return nil, err
	}
	// The method says whether a body follows the head.
	method, _, _ := bytes.Cut([]byte(request), []byte(" "))
	got, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: string(method)})
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	a := &Answer{Status: got.StatusCode, Proto: got.Proto, Header: got.Header, Length: got.ContentLength, Close: got.Close}
	p.recognise(got.Header.Get("Server"))
	a.Body, a.Cut = io.ReadAll(got.Body)
	if ctx.Err() != nil {
		a.Cut = ctx.Err()
	}
	return a, errors.Join(got.Body.Close(), ctx.Err())
}

// limit gives the server a few times the probe's patience for a whole answer,
// so that one that sends a byte now and then ends too.
func (p *Probe) limit(ctx context.Context, conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(5 * p.Patience)); err != nil {
		return err
	}
	return ctx.Err() // the deadline that its end has set is overwritten
}

// Get asks for a path as the first phone does, with further header lines such
// as "Range: bytes=0-9".
func (p *Probe) Get(ctx context.Context, to Origin, path string, header ...string) (*Answer, error) {
	return p.Ask(ctx, to, p.Line(to, "GET", path, header...))
}

// Line returns a request without a body as the first phone writes it, for
// [Probe.Ask].
func (p *Probe) Line(to Origin, method, path string, header ...string) string {
	return p.LineOf(p.First(), to, method, path, header...)
}

// LineOf is [Probe.Line] as the phone writes it that makes a request.
func (p *Probe) LineOf(req device.Request, to Origin, method, path string, header ...string) string {
	text := method + " " + path + " HTTP/1.1\r\nHost: " + to.Authority() + "\r\n"
	if agent := req.UserAgent(); agent != "" {
		text += "User-Agent: " + agent + "\r\n"
	}
	for _, line := range header {
		text += line + "\r\n"
	}
	return text + "\r\n"
}
