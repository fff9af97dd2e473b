package http

import (
	"context"

	"provsim/conform/check"
)

// The phone uses a connection once (FV-HTTP-3). A server that ends connections
// without a word still costs those that come through a proxy a second try.
var keepAlive = check.Check{
	ID:          "http/8",
	Title:       "a second request on the same connection is answered",
	Requirement: "A server answers further requests on a connection unless it has said that it closes it.",
	Source:      "RFC 9112 section 9.3",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:    {In: "server", Config: "keepalive_timeout 65s;"},
		check.Apache:   {In: "VirtualHost", Config: "KeepAlive On"},
		check.Lighttpd: {Config: "server.max-keep-alive-requests = 100"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		conn, err := f.Dial(ctx, f.from)
		if err != nil {
			return check.Errorf("connecting to %s: %w", f.from, err)
		}
		defer conn.Close()
		first, err := f.AskOn(ctx, conn, f.line("GET", f.path))
		switch {
		case err != nil:
			return check.Errorf("asking for %s: %w", f.path, err)
		case first.Close || first.Cut != nil:
			return check.Pass("the server closes the connection after the answer, and says so")
		}
		answer, err := f.AskOn(ctx, conn, f.line("GET", f.path))
		return f.expectSame(ctx, answer, err)
	}),
}

var closes = check.Check{
	ID:          "http/9",
	Title:       "the server closes the connection on request",
	Requirement: "After the answer to a request with Connection: close the server closes the connection.",
	Source:      "RFC 9112 section 9.6; FV-HTTP-3",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "some phones read until the connection ends: no proxy in front may hold it open"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		raw, err := f.untilClosed(ctx, f.line("GET", f.path, "Connection: close"))
		const want = "the end of the connection"
		switch {
		case err != nil:
			return check.Errorf("asking for %s: %w", f.path, err)
		case !raw.ended:
			return check.Fail(want, "status %d, and the connection stays open", raw.status)
		}
		return check.Pass(want)
	}),
}
