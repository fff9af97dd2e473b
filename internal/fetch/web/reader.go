package web

import (
	"bufio"
	"io"
	"net/http"

	"provsim/resync"
)

// A reader is the buffer through which a connection is read, and that of what
// is asked on it.
type reader struct {
	bufio.Reader
	head    head
	request []byte
	asked   http.Request // what net/http is to know of it: its method
}

// reader returns a buffer for a connection, one that has been used before where
// there is one: at thousands of fetches a second they would be most of the garbage.
func (c *Client) reader(conn io.Reader) *reader {
	r, ok := c.readers.Get().(*reader)
	if !ok {
		r = new(reader)
	}
	r.head = head{r: conn}
	r.Reset(&r.head)
	return r
}

// free takes a buffer back. Nothing of what was read through it may be in use.
func (c *Client) free(r *reader) {
	r.head = head{}
	c.readers.Put(r)
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
