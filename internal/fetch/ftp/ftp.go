// Package ftp fetches and stores files by FTP (RFC 959), in passive mode and binary,
// as phones do that know a server by its bare address. The protocol is that of
// github.com/jlaffaye/ftp; this package turns requests of devices into it, and what
// servers say into outcomes.
package ftp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jlaffaye/ftp"

	"provsim/device"
	"provsim/internal/fetch/shortage"
	"provsim/resync"
)

// A Client fetches and stores files. The zero Client is ready to use, and may be used
// from many goroutines. Each transfer has a control connection of its own.
type Client struct {
	// DialContext opens the connections; nil means that of a [net.Dialer].
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// anonymous is the user of a request without one, and its password (RFC 1635).
const anonymous = "anonymous"

// Fetch reads a file, stores one, or asks for a file's size where the method is
// device.Head. The name is the path without its first "/", as it stands in the
// request: nothing is unescaped. The outcome is None or Sent, unauthorized where the
// server refuses the user, not-found for code 550, refused for any other refusal, or
// that of the connection (FV-OUT-1). A post is bad-rule. The server's own words are
// in no note.
func (c *Client) Fetch(ctx context.Context, req device.Request) device.Reply {
	name := strings.TrimPrefix(req.Path, "/")
	if strings.ContainsFunc(name+req.User+req.Password, func(r rune) bool { return r < ' ' || r == 0x7f }) || name == "" {
		return device.Reply{Outcome: resync.BadRule, Note: "FTP wants a file's name without control characters"}
	}
	if req.Method == device.Post {
		return device.Reply{Outcome: resync.BadRule, Note: "a post is not for FTP, want a read or a write"}
	}
	if req.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, req.Timeout)
		defer cancel()
	}
	t := &transfer{client: c, ctx: ctx, phase: "connecting"}
	defer t.end()
	reply, err := t.run(&req, name)
	if err != nil {
		outcome, note := t.explain(err)
		return device.Reply{Outcome: outcome, Bytes: reply.Bytes, Note: note, Local: shortage.Caused(err)}
	}
	return reply
}

// The phases that outcomes depend on.
const login, moving = "login", "transfer"

// transfer is one request under way.
type transfer struct {
	client *Client
	ctx    context.Context
	phase  string // for the note

	mu    sync.Mutex
	conns []net.Conn
}

func (t *transfer) run(req *device.Request, name string) (device.Reply, error) {
	address := net.JoinHostPort(req.Host, strconv.Itoa(int(req.Port)))
	server, err := ftp.Dial(address, ftp.DialWithDialFunc(t.dial))
	if err != nil {
		return device.Reply{}, err
	}
	user, password := req.User, req.Password
	if user == "" {
		user, password = anonymous, anonymous
	}
	t.phase = login
	if err := server.Login(user, password); err != nil {
		return device.Reply{}, err
	}
	t.phase = moving
	reply, err := move(server, req, name)
	if err == nil {
		_ = server.Quit() // the file has come: a server that closes first is no failure
	}
	return reply, err
}

// move carries out the request after the login.
func move(server *ftp.ServerConn, req *device.Request, name string) (device.Reply, error) {
	switch req.Method {
	case device.Head:
		_, err := server.FileSize(name)
		return device.Reply{}, err
	case device.Write:
		var body []byte
		if req.Body != nil {
			body = req.Body()
		}
		if err := server.Stor(name, bytes.NewReader(body)); err != nil {
			return device.Reply{}, err
		}
		return device.Reply{Outcome: resync.Sent, Bytes: int64(len(body))}, nil
	}
	file, err := server.Retr(name)
	if err != nil {
		return device.Reply{}, err
	}
	body, err := read(file, req)
	closed := file.Close()
	switch {
	case errors.Is(err, errEnough): // the server complains of the close, as it should
		err = nil
	case err == nil:
		err = closed
	}
	return device.Reply{Body: body, Bytes: int64(len(body))}, err
}

// errEnough says that the rest of a file is not wanted.
var errEnough = errors.New("the rest of the file is not wanted")

// errLarge says that a file is over the limit.
var errLarge = errors.New("the file is over the limit")

// read takes the file, never more of it than the limit and one byte (FV-NET-1).
func read(file io.Reader, req *device.Request) ([]byte, error) {
	limit := min(req.Limit, math.MaxInt64-1)
	var body bytes.Buffer
	if req.Enough != nil {
		n, err := io.CopyN(&body, file, int64(req.Head))
		switch {
		case err == io.EOF:
			return body.Bytes(), nil
		case err != nil:
			return body.Bytes(), err
		case req.Enough(body.Bytes()):
			return body.Bytes(), errEnough
		}
		limit -= n
	}
	n, err := body.ReadFrom(io.LimitReader(file, limit+1))
	if n > limit {
		return nil, fmt.Errorf("%w of %d bytes", errLarge, req.Limit)
	}
	return body.Bytes(), err
}

// dial opens a connection that ends with the transfer.
func (t *transfer) dial(network, address string) (net.Conn, error) {
	dial := t.client.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(t.ctx, network, address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(t.ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conns = append(t.conns, conn)
	return conn, nil
}

// end closes what is still open.
func (t *transfer) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, conn := range t.conns {
		conn.Close() // a second close changes nothing
	}
}

// explain turns an error into an outcome and a note, which holds none of the
// server's words.
func (t *transfer) explain(err error) (resync.Outcome, string) {
	var answer *textproto.Error
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, errLarge):
		return resync.TooLarge, err.Error()
	case t.ctx.Err() != nil:
		return resync.Timeout, t.phase + ": no time left"
	case errors.As(err, &answer) && answer.Code == ftp.StatusNotLoggedIn:
		return resync.Unauthorized, "FTP code 530: the server refuses user and password"
	case errors.As(err, &answer) && answer.Code == ftp.StatusFileUnavailable && t.phase == moving:
		return resync.NotFound, "FTP code 550: no such file, or no right to it"
	case errors.As(err, &answer) && answer.Code == ftp.StatusBadFileName && t.phase == moving:
		return resync.NotFound, "FTP code 553: the server does not take the file" // as TFTP's refusal of a write
	case errors.As(err, &answer):
		return resync.Refused, fmt.Sprintf("%s: FTP code %d", t.phase, answer.Code)
	case errors.As(err, &dns):
		return resync.DNS, dns.Error()
	case t.phase == login && !errors.As(err, &op) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return resync.Unauthorized, "the server refuses the user" // the library gives the server's words alone
	case errors.As(err, &op) && op.Op == "dial" && strings.Contains(err.Error(), "refused"):
		return resync.Refused, "connecting: connection refused"
	case errors.As(err, &op) && op.Op == "dial":
		return resync.Unreachable, "connecting: " + op.Err.Error()
	}
	return resync.Truncated, t.phase + ": the connection ended before the file did"
}
