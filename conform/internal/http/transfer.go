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
	Title:       "the body has the announced length",
	Requirement: "The bytes of an answer are those that Content-Length announces, or that its chunks add up to; an answer does not have both.",
	Source:      "RFC 9112 sections 6.1 to 6.3 and 7.1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "let the server set Content-Length; a script that sets its own counts bytes, not characters"},
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
	Title:       "a truncated file can be recognised",
	Requirement: "An answer says by Content-Length or chunks where its body ends: otherwise a broken connection looks like the end of the file.",
	Source:      "RFC 9112 section 8",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "serve files from disk, or set Content-Length in the script that makes them"},
		check.Nginx:     {In: "server", Config: "proxy_http_version 1.1;"},
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
	Title:       "the file is not compressed",
	Requirement: "A phone that does not ask for compression gets none.",
	Source:      "RFC 9110 sections 12.5.3 and 8.4; FV-HTTP-1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx: {Text: "and remove gzip_static always", In: "server", Config: `gzip off;
gunzip on;`},
		check.Apache:   {In: "VirtualHost", Config: "SetEnv no-gzip 1"},
		check.Lighttpd: {Config: "deflate.mimetypes = ()"},
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
	Advice: check.Advices{
		check.AnyServer: {Text: "let HEAD through wherever GET is allowed"},
		check.Nginx:     {Text: "allows HEAD too", In: "location", Config: "limit_except GET { deny all; }"},
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
		if length != "" && f.whole.Length >= 0 && length != strconv.FormatInt(f.whole.Length, 10) && f.steady(ctx) {
			return check.Fail(want, "Content-Length %s, by GET %d", length, f.whole.Length)
		}
		return check.Pass("status 200, no body")
	}),
}
