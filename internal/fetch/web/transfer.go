package web

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"strconv"

	"provsim/device"
	"provsim/resync"
)

// A transfer is one fetch under way.
type transfer struct {
	client *Client
	first  device.Request // what was asked for, with user and password
	req    device.Request // where the next question goes, after redirects
	conn   *conn          // nil before the first question
	phase  string         // what is being done, for the note
	asked  bool           // the server wants a client certificate

	redirects     int
	challenges    challenges
	authorization string // the header that answers the last 401, or ""

	status int   // of the last answer
	bytes  int64 // of the body, so far
	total  int64 // of the body, as announced; -1 where it was not
}

// run asks until there is an answer that leads no further.
func (t *transfer) run(wait *patience) ([]byte, error) {
	if err := check(t.req); err != nil {
		return nil, err
	}
	for {
		resp, err := t.ask(wait)
		if err != nil {
			return nil, err
		}
		t.status = resp.StatusCode
		switch resp.StatusCode {
		case http.StatusOK:
			return t.read(resp)
		case http.StatusMovedPermanently, http.StatusFound,
			http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			err = t.redirect(resp)
		case http.StatusUnauthorized:
			err = t.authorize(resp)
		default:
			err = t.refused(resp)
		}
		if err != nil {
			return nil, err
		}
		t.conn.drain(resp)
	}
}

// check refuses what would not be one request on the wire.
func check(req device.Request) error {
	switch {
	case req.Scheme != "http" && req.Scheme != "https":
		return fail(resync.BadRule, "scheme %q, want http or https", req.Scheme)
	case req.Host == "" || unsafeIn(req.Host):
		return fail(resync.BadRule, "host %q, want a name or an address", req.Host)
	case unsafeIn(req.UserAgent()):
		return fail(resync.BadRule, "user agent %q holds a control byte, which no header may", req.UserAgent())
	}
	return nil
}

// appendRequest appends the request as it goes to the server.
func (t *transfer) appendRequest(b []byte) []byte {
	b = append(append(b, "GET "...), escapePath(t.req.Path)...)
	b = append(append(b, " HTTP/1.1\r\nHost: "...), hostHeader(t.req)...)
	if agent := t.req.UserAgent(); agent != "" {
		b = append(append(b, "\r\nUser-Agent: "...), agent...)
	}
	if t.authorization != "" {
		b = append(append(b, "\r\nAuthorization: "...), t.authorization...)
	}
	return append(b, "\r\n\r\n"...)
}

// read takes the body, never more of it than the limit and one byte (FV-NET-1).
func (t *transfer) read(resp *http.Response) ([]byte, error) {
	t.phase = "reading the body"
	limit := min(t.req.Limit, math.MaxInt64-1)
	if t.total = resp.ContentLength; t.total > limit {
		return nil, fail(resync.TooLarge, "Content-Length %d is over the limit of %d bytes", t.total, limit)
	}
	const trusted = 64 << 10 // an announcement is no proof
	if t.total > 0 && t.total <= trusted {
		body := make([]byte, t.total)
		n, err := io.ReadFull(resp.Body, body)
		t.bytes = int64(n)
		return body, err
	}
	var body bytes.Buffer
	if t.total > 0 {
		body.Grow(trusted)
	}
	n, err := body.ReadFrom(io.LimitReader(resp.Body, limit+1))
	t.bytes = n
	if n > limit {
		return nil, fail(resync.TooLarge, "the body is over the limit of %d bytes", limit)
	}
	return body.Bytes(), err
}

// refused turns a status that leads no further into its failure.
func (t *transfer) refused(resp *http.Response) error {
	if resp.StatusCode == http.StatusNotFound {
		return fail(resync.NotFound, "%s", status(resp))
	}
	return fail(resync.HTTPStatus, "%s%s", status(resp), hint(t.req.Scheme, resp))
}

// status names an answer's status by its number and its registered name, not by
// what the server calls it.
func status(resp *http.Response) string {
	number := strconv.Itoa(resp.StatusCode)
	if name := http.StatusText(resp.StatusCode); name != "" {
		return number + " " + name
	}
	return number
}
