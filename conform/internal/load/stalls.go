package load

import (
	"context"
	"io"
	"net"
	"sync"

	"provsim/conform/check"
	"provsim/resync"
)

// stalls is how many connections stand still: more than phones at a small site,
// and fewer than a server should have room for.
const stalls = 50

var stallAdvice = check.Advices{
	check.Nginx: {In: "main", Config: `events { worker_connections 1024; }
http {
    client_header_timeout 20s;
    keepalive_timeout 65s;
}`},
	check.Apache: {Text: "use the event MPM", In: "server config", Config: `RequestReadTimeout handshake=5 header=20-40,MinRate=100
MaxRequestWorkers 400`},
	check.Lighttpd: {Config: `server.max-connections = 1024
server.max-read-idle = 20`},
	check.AnyServer: {Text: "a server with one thread or process for each connection needs many of them, or nginx in front of it"},
}

var stalled = check.Check{
	ID:          "load/3",
	Title:       "slowloris: stalled requests lock out no phone",
	Requirement: "While 50 connections stand still before the end of their request, a phone gets its file.",
	Source:      "CVE-2007-6750 (slowloris); Apache manual, mod_reqtimeout",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance, check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer, check.Heavy},
	Alone:       true,
	Advice:      stallAdvice,
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		// Over HTTPS it is the handshake that does not go on: the cheaper attack.
		to := p.Web()
		to.Scheme = "http"
		return amid(ctx, p, func() (net.Conn, error) {
			conn, err := p.Dial(ctx, to)
			if err == nil && p.Web().Scheme == "http" {
				_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: "+to.Authority()+"\r\nX-A: ")
			}
			return conn, err
		})
	},
}

// Browsers hold connections open after an answer, as do phones that fetch
// several files. To a server with a process for each they are as bad as stalled
// ones.
var idle = check.Check{
	ID:          "load/4",
	Title:       "idle connections lock out no phone",
	Requirement: "While 50 connections are kept open after an answer, a phone gets its file.",
	Source:      "RFC 9112 section 9.5; Apache manual, KeepAliveTimeout",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile, check.WebServer, check.Heavy},
	Alone:       true,
	Advice:      stallAdvice,
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		to := p.Web()
		request := p.Line(to, "HEAD", "/")
		return amid(ctx, p, func() (net.Conn, error) {
			conn, err := p.Dial(ctx, to)
			if err == nil {
				_, err = p.AskOn(ctx, conn, request)
			}
			return conn, err
		})
	},
}

// amid fetches the phone's file while many connections are open. One that the
// server does not take, or ends, locks out no phone.
func amid(ctx context.Context, p *check.Probe, open func() (net.Conn, error)) check.Finding {
	if f, ok := ready(ctx, p); !ok {
		return f
	}
	conns := make([]net.Conn, stalls)
	defer func() {
		for _, conn := range conns {
			if conn != nil {
				conn.Close()
			}
		}
	}()
	var openers sync.WaitGroup
	for i := range conns {
		openers.Go(func() { conns[i], _ = open() })
	}
	openers.Wait()
	reply := soon(ctx, p, p.First())
	switch {
	case ctx.Err() != nil:
		return check.Errorf("asking amid %d connections: %w", stalls, ctx.Err())
	case reply.Local:
		return check.Errorf("%d connections are too many for this machine: %s", stalls, reply.Note)
	case reply.Outcome != resync.None:
		return check.Fail("the phone's file", "%s amid %d connections", reply.Outcome, stalls)
	}
	return check.Pass("the phone's file amid %d connections", stalls)
}
