package web

import (
	"context"
	"crypto/x509"
	"net"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/fetch/shortage"
	"provsim/resync"
)

// A Client fetches and uploads files. It may be used from many goroutines, and one for all
// devices costs the least: what it keeps between two fetches is memory to work
// in, and what it has learnt from certificates. It must not be copied.
type Client struct {
	// DialContext opens the connections; nil means that of a [net.Dialer]. A
	// fleet sets it to give each device a source address of its own.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	// Roots are the authorities that count where a device has no CA of its own
	// (FV-TLS-1); nil means those of the operating system.
	Roots *x509.CertPool

	readers sync.Pool // of *reader
	learnt  learnt
	kept    kept
}

// Fetch asks for the one file that the request names. The reply has the whole
// file and the outcome None, or no file and the outcome of FV-OUT-1; a body of
// no bytes is a success here. A write is a PUT, a post a POST of what req.Body
// returns: the outcome is Sent where the server has taken it, with its answer to a
// post. The end of ctx, like that of req.Timeout, is
// outcome timeout; a Timeout of zero leaves the time to ctx.
func (c *Client) Fetch(ctx context.Context, req device.Request) device.Reply {
	wait := &patience{Context: ctx}
	if req.Timeout > 0 {
		wait.end = time.Now().Add(req.Timeout)
	}
	defer wait.over()
	req.Agent = req.UserAgent()
	t := &transfer{client: c, first: req, req: req}
	if t.uploads() && req.Body != nil {
		t.body = req.Body()
	}
	keeps := req.By != nil && req.By.KeepsConnection
	if keeps {
		t.resume(wait)
	}
	body, err := t.run(wait)
	if !keeps || !t.leave() {
		t.hangUp(err == nil && !t.halted) // a server that still sends does not listen for a goodbye
	}
	if err != nil {
		outcome, note := t.explain(err)
		return device.Reply{Outcome: outcome, Bytes: t.bytes, Note: note, Status: t.status, Local: shortage.Caused(err)}
	}
	if t.uploads() {
		return device.Reply{Outcome: resync.Sent, Body: body, Bytes: int64(len(t.body)), Note: t.route()}
	}
	return device.Reply{Outcome: resync.None, Body: body, Bytes: t.bytes, Note: t.route()}
}
