package http

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"net/http/httputil"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A raw answer is all that came on a connection.
type raw struct {
	status int
	header nethttp.Header // Transfer-Encoding and Content-Length included
	rest   []byte         // after the head
	ended  bool           // the server has closed the connection
}

// untilClosed sends a request that asks for the end of the connection, and reads
// up to that.
func (f *file) untilClosed(ctx context.Context, request string) (*raw, error) {
	conn, err := f.Dial(ctx, f.from)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return f.untilEnd(ctx, conn, request)
}

// untilEnd is untilClosed on a connection that is there.
func (f *file) untilEnd(ctx context.Context, conn net.Conn, request string) (*raw, error) {
	if err := f.allow(ctx, conn, 2); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(conn)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// A server that neither closes the connection nor ends it well still has
	// answered; what it left out shows in the answer.
	if len(text) == 0 && err != nil {
		return nil, err
	}
	parsed, bad := parseRaw(text)
	if bad != nil {
		return nil, bad
	}
	parsed.ended = !errors.Is(err, os.ErrDeadlineExceeded)
	return parsed, nil
}

// fault says what is wrong with the framing of the answer, "" where nothing is.
func (r *raw) fault() string {
	lengths := r.header.Values("Content-Length")
	chunked := r.chunked()
	switch {
	case chunked && len(lengths) > 0:
		return "both Content-Length and Transfer-Encoding"
	case chunked:
		return r.faultOfChunks()
	case len(slices.Compact(slices.Sorted(slices.Values(lengths)))) > 1:
		return fmt.Sprintf("Content-Length %s", strings.Join(lengths, " and "))
	case len(lengths) == 0:
		return ""
	}
	length, err := strconv.ParseUint(lengths[0], 10, 63)
	switch got := uint64(len(r.rest)); {
	case err != nil:
		return fmt.Sprintf("Content-Length %q", lengths[0])
	case got != length:
		return fmt.Sprintf("Content-Length %d, %d bytes came", length, got)
	}
	return ""
}

func (r *raw) faultOfChunks() string {
	rest := bufio.NewReader(bytes.NewReader(r.rest))
	_, err := io.Copy(io.Discard, httputil.NewChunkedReader(rest))
	left, _ := io.ReadAll(rest)
	// After the last chunk come trailer fields and an empty line.
	switch trailer := string(left); {
	case err != nil:
		return fmt.Sprintf("chunks that do not parse: %v", err)
	case trailer != "\r\n" && !strings.HasSuffix(trailer, "\r\n\r\n"):
		return fmt.Sprintf("chunks without an end, or %d bytes after it", len(left))
	}
	return ""
}

func (r *raw) chunked() bool {
	return strings.EqualFold(r.header.Get("Transfer-Encoding"), "chunked")
}

// told returns what announces the end of the body, or "".
func (r *raw) told() string {
	switch {
	case r.chunked():
		return "chunks"
	case r.header.Get("Content-Length") != "":
		return "Content-Length " + r.header.Get("Content-Length")
	}
	return ""
}

// parseRaw splits what came on a connection into the head of an answer and the
// rest. The body stays as it was transferred.
func parseRaw(text []byte) (*raw, error) {
	in := bufio.NewReader(bytes.NewReader(text))
	lines := textproto.NewReader(in)
	first, err := lines.ReadLine()
	if err != nil {
		return nil, fmt.Errorf("status line: %w", err)
	}
	version, status, _ := strings.Cut(first, " ")
	code, _, _ := strings.Cut(status, " ")
	n, err := strconv.Atoi(code)
	if !strings.HasPrefix(version, "HTTP/") || err != nil {
		return nil, fmt.Errorf("status line %q, want HTTP/1.1 and a status", clip(first))
	}
	header, err := lines.ReadMIMEHeader()
	if err != nil {
		return nil, fmt.Errorf("head of the answer: %w", err)
	}
	rest, err := io.ReadAll(in)
	return &raw{status: n, header: nethttp.Header(header), rest: rest}, err
}

// clip shortens what a server wrote for an error.
func clip(text string) string {
	if len(text) > 60 {
		return text[:60] + "…"
	}
	return text
}
