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
	resp   *http.Response // the latest; nil where there was no answer
	phase  string         // what is being done, for the note
	asked  bool           // the server wants a client certificate

	body []byte // what a write or a post sends

	redirects     int
	challenges    challenges
	authorization string // the header that answers the last 401, or ""

	halted bool  // the device has seen enough of the body
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
		t.resp = resp
		if err != nil {
			return nil, err
		}
		if t.req.HTTP11 && !resp.ProtoAtLeast(1, 1) {
			return nil, fail(resync.HTTPStatus, "the answer is of HTTP/1.0, which these phones take for none: it has status 0")
		}
		t.status = resp.StatusCode
		if t.uploads() && resp.StatusCode/100 == 2 {
			return t.taken(resp)
		}
		switch resp.StatusCode {
		case http.StatusOK:
			if t.first.Pointed && !t.first.Named {
				return nil, fail(resync.HTTPStatus, "%s: want a redirect", status(resp))
			}
			return t.read(resp)
		case http.StatusMovedPermanently, http.StatusFound,
			http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			if t.first.Pointed {
				return []byte(resp.Header.Get("Location")), nil
			}
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
	case unsafeIn(req.Type):
		return fail(resync.BadRule, "content type %q holds a control byte, which no header may", req.Type)
	}
	return nil
}

// appendRequest appends the request as it goes to the server.
func (t *transfer) appendRequest(b []byte) []byte {
	b = append(append(append(b, method(t.req)...), ' '), escapePath(t.req.Path)...)
	b = append(append(b, " HTTP/1.1\r\nHost: "...), hostHeader(t.req)...)
	if agent := t.req.UserAgent(); agent != "" {
		b = append(append(b, "\r\nUser-Agent: "...), agent...)
	}
	if t.req.By != nil {
		for _, line := range t.req.By.Headers {
			b = append(append(b, "\r\n"...), line...)
		}
	}
	if t.authorization != "" {
		b = append(append(b, "\r\nAuthorization: "...), t.authorization...)
	}
	if !t.uploads() {
		return append(b, "\r\n\r\n"...)
	}
	if t.req.Type != "" {
		b = append(append(b, "\r\nContent-Type: "...), t.req.Type...)
	}
	if by := t.req.By; by != nil && by.ExpectAbove > 0 && len(t.body) > by.ExpectAbove {
		b = append(b, "\r\nExpect: 100-continue"...)
	}
	b = strconv.AppendInt(append(b, "\r\nContent-Length: "...), int64(len(t.body)), 10)
	return append(append(b, "\r\n\r\n"...), t.body...)
}

// uploads reports whether the request sends something to the server.
func (t *transfer) uploads() bool { return t.req.Method == device.Write || t.req.Method == device.Post }

// method returns the HTTP method of a request.
func method(req device.Request) string {
	switch req.Method {
	case device.Write:
		return http.MethodPut
	case device.Post:
		return http.MethodPost
	case device.Head:
		return http.MethodHead
	}
	return http.MethodGet
}

// taken is for what the server has taken: any status from 200 to 299. A post has an
// answer, which is read like a file.
func (t *transfer) taken(resp *http.Response) ([]byte, error) {
	if t.req.Method == device.Post && resp.StatusCode != http.StatusNoContent {
		return t.read(resp)
	}
	return nil, nil
}

// read takes the body, never more of it than the limit and one byte (FV-NET-1).
func (t *transfer) read(resp *http.Response) ([]byte, error) {
	if t.req.Method == device.Head {
		return nil, nil // its length is that of a GET's answer
	}
	t.phase = "reading the body"
	limit := min(t.req.Limit, math.MaxInt64-1)
	if t.total = resp.ContentLength; t.total > limit {
		return nil, fail(resync.TooLarge, "Content-Length %d is over the limit of %d bytes", t.total, limit)
	}
	if t.req.Enough != nil && t.req.Method == device.Read {
		return t.peek(resp, limit)
	}
	return t.rest(resp.Body, nil, limit)
}

// peek reads the head of a body, and the rest of it where the head is not enough.
func (t *transfer) peek(resp *http.Response, limit int64) ([]byte, error) {
	head := make([]byte, min(int64(max(t.req.Head, 0)), limit))
	n, err := io.ReadFull(resp.Body, head)
	t.bytes = int64(n)
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF && (t.total < 0 || t.total == t.bytes):
		return head[:n], nil // the whole body is shorter
	case err != nil:
		return nil, err
	case t.req.Enough(head):
		t.halted = true
		return head, nil
	}
	return t.rest(resp.Body, head, limit)
}

// rest reads a body whose beginning has come already.
func (t *transfer) rest(from io.Reader, begin []byte, limit int64) ([]byte, error) {
	const trusted = 64 << 10 // an announcement is no proof
	if t.total > 0 && t.total <= trusted {
		body := make([]byte, t.total)
		n, err := io.ReadFull(from, body[copy(body, begin):])
		t.bytes += int64(n)
		return body, err
	}
	var body bytes.Buffer
	if t.total > 0 {
		body.Grow(trusted)
	}
	body.Write(begin)
	n, err := body.ReadFrom(io.LimitReader(from, limit+1-int64(len(begin))))
	t.bytes += n
	if t.bytes > limit {
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
