package http

import (
	"context"
	"io"
	"strings"
	"sync"

	"provsim/conform/check"
)

// garbled returns malformed requests, and some that have crashed servers. They are
// long, so they are made only where they are sent.
func garbled() []string {
	return []string{
		"\x00\x01\x02\xff\xfe\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
		"GET " + strings.Repeat("/a", 1<<15) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 1<<12) + "\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n: no name\r\n folded\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n",    // CVE-2013-2028
		"GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=" + strings.Repeat("0-,", 1<<10) + "0-\r\n\r\n", // CVE-2011-3192
	}
}

var garbage = check.Check{
	ID:          "http/37",
	Title:       "malformed requests do not stop the server",
	Requirement: "After requests that are malformed, huge or contradictory the server answers the next good one.",
	Source:      "RFC 9112 sections 2.2, 3 and 11; CVE-2011-3192; CVE-2013-2028",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer, check.Destructive},
	Alone:       true, // a server that stops would fail the other checks too
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; let the service manager restart it (Restart=on-failure)"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		var senders sync.WaitGroup
		for _, request := range garbled() {
			senders.Go(func() { f.throw(ctx, request) })
		}
		senders.Wait()
		const want = "the file, as before the garbage"
		answer, err := f.get(ctx)
		switch {
		case ctx.Err() != nil:
			return check.Errorf("asking after garbage: %w", ctx.Err())
		case err != nil:
			return check.Fail(want, "no answer: %v", err)
		case answer.Status != 200:
			return check.Fail(want, "%s", answer)
		}
		return check.Pass("the file")
	}),
}

// throw sends a malformed request and waits for the first byte that comes back,
// or for the end: any answer is right.
func (f *file) throw(ctx context.Context, request string) {
	conn, err := f.Dial(ctx, f.from)
	if err != nil {
		return
	}
	defer conn.Close()
	if f.allow(ctx, conn, 1) != nil {
		return
	}
	if _, err := io.WriteString(conn, request); err == nil {
		io.ReadFull(conn, make([]byte, 1))
	}
}
