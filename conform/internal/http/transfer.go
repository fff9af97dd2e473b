package http

import (
	"context"
	nethttp "net/http"
	"strconv"
	"strings"

	"provsim/conform/check"
)

var framing = check.Check{
	ID:          "http/3",
	Title:       "the body is as long as it says",
	Requirement: "The bytes of an answer are exactly those that Content-Length announces or that its chunks add up to, and not both are given.",
	Source:      "RFC 9112 sections 6.1 to 6.3 and 7.1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: map[check.Server]string{
		check.AnyServer: "let the server set Content-Length; a script that sets its own counts bytes, not characters",
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		raw, err := f.untilClosed(ctx, f.line("GET", f.path, "Connection: close"))
		if err != nil {
			return check.Errorf("asking for %s: %w", f.path, err)
		}
		if fault := raw.fault(); fault != "" {
			return check.Fail("a body that ends where it should", "%s", fault)
		}
		return check.Pass("%s", raw.told())
	}),
}

var lengthTold = check.Check{
	ID:          "http/4",
	Title:       "a cut file can be told from a whole one",
	Requirement: "An answer says by Content-Length or chunks where its body ends, for otherwise a broken connection passes for the end of the file.",
	Source:      "RFC 9112 section 8",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: map[check.Server]string{
		check.AnyServer: "serve files from disk, or set Content-Length in the script that makes them",
		check.Nginx:     "proxy_http_version 1.1;",
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		raw, err := f.untilClosed(ctx, f.line("GET", f.path, "Connection: close"))
		switch {
		case err != nil:
			return check.Errorf("asking for %s: %w", f.path, err)
		case raw.told() == "":
			return check.Fail("Content-Length or chunks", "a body that lasts until the connection ends")
		}
		return check.Pass("%s", raw.told())
	}),
}

var notPacked = check.Check{
	ID:          "http/5",
	Title:       "the file comes unpacked",
	Requirement: "A phone that does not ask for compression gets none.",
	Source:      "RFC 9110 sections 12.5.3 and 8.4; FV-HTTP-1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: map[check.Server]string{
		check.Nginx:    "gzip off; gunzip on; and no gzip_static always;",
		check.Apache:   "SetEnv no-gzip 1",
		check.Lighttpd: "deflate.mimetypes = ()",
	},
	Run: ofFile(func(_ context.Context, f *file) check.Finding {
		if coding := f.whole.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
			return check.Fail("no Content-Encoding", "Content-Encoding: %s", coding)
		}
		return check.Pass("no Content-Encoding")
	}),
}

var head = check.Check{
	ID:          "http/6",
	Title:       "HEAD is GET without the body",
	Requirement: "HEAD is answered with the status and the length of GET, and no body.",
	Source:      "RFC 9110 section 9.3.2",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: map[check.Server]string{
		check.AnyServer: "let HEAD through wherever GET is allowed",
		check.Nginx:     "limit_except GET { deny all; } allows HEAD too",
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		raw, err := f.untilClosed(ctx, f.line("HEAD", f.path, "Connection: close"))
		const want = "status 200, no body, a length as by GET"
		switch {
		case err != nil:
			return check.Errorf("asking for the head of %s: %w", f.path, err)
		case raw.status != nethttp.StatusOK:
			return check.Fail(want, "status %d", raw.status)
		case len(raw.rest) > 0:
			return check.Fail(want, "%d bytes after the head", len(raw.rest))
		}
		// The length may be left out (RFC 9110 section 8.6), but not be wrong.
		length := raw.header.Get("Content-Length")
		if length != "" && f.whole.Length >= 0 && length != strconv.FormatInt(f.whole.Length, 10) {
			return check.Fail(want, "Content-Length %s, by GET %d", length, f.whole.Length)
		}
		return check.Pass("status 200, no body")
	}),
}
