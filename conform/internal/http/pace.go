package http

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"provsim/conform/check"
)

var slowRequest = check.Check{
	ID:          "http/16",
	Title:       "a slow request is answered",
	Requirement: "A request that comes in small pieces, with pauses of half a second, is answered like any other.",
	Source:      "RFC 9112 section 2; RFC 9293 section 3.8, TCP keeps no message boundaries",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Patient:     true,
	Advice: check.Advices{
		check.Nginx:    {In: "http", Config: "client_header_timeout 20s;"},
		check.Apache:   {In: "VirtualHost", Config: "RequestReadTimeout header=20-40,MinRate=100"},
		check.Lighttpd: {Config: "server.max-read-idle = 20"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		conn, err := f.Dial(ctx, f.from)
		if err != nil {
			return check.Errorf("connecting to %s: %w", f.from, err)
		}
		defer conn.Close()
		request := f.line("GET", f.path)
		if err := f.dribble(ctx, conn, request); err != nil {
			return impatient(f.expectSame(ctx, nil, err))
		}
		answer, err := f.Read(ctx, conn, request)
		return impatient(f.expectSame(ctx, answer, err))
	}),
}

// impatient puts what a server does with a slow request into the detail: whether
// its refusal arrives before the end of the connection is a matter of chance.
func impatient(found check.Finding) check.Finding {
	if found.Verdict != check.Failed {
		return found
	}
	return check.Fail(found.Expected, "no file").With("%s", found.Actual)
}

// dribble sends a request in four pieces: cuts in the middle of the path, of a
// field, and between the last CR and LF.
func (f *file) dribble(ctx context.Context, conn net.Conn, request string) error {
	if err := f.allow(ctx, conn, 5); err != nil {
		return err
	}
	cuts := []int{0, len("GET /"), strings.Index(request, "Host:") + 2, len(request) - 1, len(request)}
	for i := range len(cuts) - 1 {
		if i > 0 {
			if err := check.Pause(ctx, f.Patience/4); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(conn, request[cuts[i]:cuts[i+1]]); err != nil {
			return err
		}
	}
	return nil
}

var slowReader = check.Check{
	ID:          "http/17",
	Title:       "a slow reader gets the whole file",
	Requirement: "A phone that stops reading for a second, as it does while it writes to flash, gets the rest afterwards.",
	Source:      "RFC 9293 section 3.8.6, a closed window is no error; nginx manual, send_timeout",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Patient:     true,
	Advice: check.Advices{
		check.Nginx:    {In: "server", Config: "send_timeout 60s;"},
		check.Apache:   {In: "VirtualHost", Config: "Timeout 60"},
		check.Lighttpd: {Config: "server.max-write-idle = 360"},
	},
	Run: ofFirmware(func(ctx context.Context, f *file) check.Finding {
		conn, err := f.Dial(ctx, f.from)
		if err != nil {
			return check.Errorf("connecting to %s: %w", f.from, err)
		}
		defer conn.Close()
		request := f.line("GET", f.path, "Connection: close")
		if err := f.allow(ctx, conn, 5); err != nil {
			return check.Errorf("asking for %s: %w", f.path, err)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			return check.Errorf("asking for %s: %w", f.path, err)
		}
		answer, err := f.Read(ctx, &hesitant{Conn: conn, ctx: ctx, pause: f.Patience / 2}, request)
		switch {
		case ctx.Err() != nil:
			return check.Errorf("reading %s: %w", f.path, ctx.Err())
		case err != nil:
			return check.Fail("the whole file", "%v", err)
		case errors.Is(answer.Cut, check.ErrTooMuch) && answer.Status == 200:
			return check.Pass("%d bytes", len(answer.Body)) // more than a check reads
		case answer.Status != 200 || answer.Cut != nil || !f.same(ctx, answer):
			return check.Fail("the whole file", "%s", answer)
		}
		return check.Pass("%d bytes", len(answer.Body))
	}),
}

// hesitant is a connection that stops reading once, after its first bytes.
type hesitant struct {
	net.Conn
	ctx   context.Context
	pause time.Duration
	reads int
}

func (h *hesitant) Read(into []byte) (int, error) {
	h.reads++
	if h.reads == 2 {
		if err := check.Pause(h.ctx, h.pause); err != nil {
			return 0, errors.Join(err, os.ErrDeadlineExceeded)
		}
	}
	return h.Conn.Read(into)
}

// allow gives a connection some patiences from now on.
func (f *file) allow(ctx context.Context, conn net.Conn, patiences int) error {
	if err := conn.SetDeadline(time.Now().Add(time.Duration(patiences) * f.Patience)); err != nil {
		return err
	}
	return ctx.Err() // the deadline that its end has set is overwritten
}
