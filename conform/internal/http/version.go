package http

import (
	"context"
	"net"

	"provsim/conform/check"
)

var oldVersion = check.Check{
	ID:          "http/10",
	Title:       "HTTP/1.0 without Host gets the file",
	Requirement: "A request of HTTP/1.0, which knows no Host field, is answered with the file.",
	Source:      "RFC 9112 section 3.2; RFC 1945 section 5",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:    {Text: "in the phones' server block", In: "server", Config: "listen 80 default_server;"},
		check.Apache:   {Text: "let the phones' VirtualHost be the first of its address and port"},
		check.Lighttpd: {Text: `set the phones' document root outside of any $HTTP["host"] condition`},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		answer, err := f.askOld(ctx)
		return f.expectSame(ctx, answer, err)
	}),
}

var oldVersionEnds = check.Check{
	ID:          "http/11",
	Title:       "an answer to HTTP/1.0 has no chunks, and the connection closes",
	Requirement: "A request of HTTP/1.0 is answered without Transfer-Encoding, and the connection is closed after it.",
	Source:      "RFC 9112 sections 6.1 and 9.3",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:     {In: "server", Config: "chunked_transfer_encoding off;"},
		check.AnyServer: {Text: "a script must not write chunks itself"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		if answer, err := f.askOld(ctx); err != nil || !f.same(ctx, answer) {
			return check.Skip("HTTP/1.0 without Host does not get the file")
		}
		conn, err := f.dialOld(ctx)
		if err != nil {
			return check.Errorf("connecting to %s: %w", f.from, err)
		}
		defer conn.Close()
		raw, err := f.untilEnd(ctx, conn, f.raw(f.path, "HTTP/1.0"))
		switch {
		case err != nil:
			return check.Errorf("asking for %s: %w", f.path, err)
		case raw.header.Get("Transfer-Encoding") != "":
			return check.Fail("no Transfer-Encoding", "Transfer-Encoding: %s", raw.header.Get("Transfer-Encoding"))
		case !raw.ended:
			return check.Fail("the file and the end of the connection", "the file, and the connection stays open")
		}
		return check.Pass("the file and the end of the connection")
	}),
}

func (f *file) askOld(ctx context.Context) (*check.Answer, error) {
	conn, err := f.dialOld(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return f.AskOn(ctx, conn, f.raw(f.path, "HTTP/1.0"))
}

// dialOld connects as firmware does that knows no Host field: it does not know
// server names in TLS either, and Apache wants both or none. Whether the server
// is the right one is looked at elsewhere.
func (f *file) dialOld(ctx context.Context) (net.Conn, error) {
	if f.from.Scheme != "https" {
		return f.Dial(ctx, f.from)
	}
	config := f.TLS(f.Target.Phones[0])
	config.ServerName, config.InsecureSkipVerify = "", true
	return f.Handshake(ctx, f.from, config)
}

var hostRequired = check.Check{
	ID:          "http/12",
	Title:       "HTTP/1.1 without Host is refused",
	Requirement: "A request of HTTP/1.1 without a Host field is answered with 400.",
	Source:      "RFC 9112 section 3.2",
	Level:       check.Info,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "nothing to do; the server is lenient with requests"},
		check.Apache:    {In: "server config", Config: "HttpProtocolOptions Strict"},
		check.Lighttpd:  {Config: `server.http-parseopts = ( "host-strict" => "enable" )`},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		answer, err := f.Ask(ctx, f.from, f.raw(f.path, "HTTP/1.1"))
		switch {
		case ctx.Err() != nil:
			return check.Errorf("asking without Host: %w", ctx.Err())
		case err != nil:
			return check.Pass("the server ends the connection")
		case answer.Status != 400:
			return check.Fail("status 400", "%s", answer)
		}
		return check.Pass("%s", answer)
	}),
}
