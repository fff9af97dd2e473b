package http

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	nethttp "net/http"
	"strings"

	"provsim/conform/check"
	"provsim/device"
)

// A file is one that the web server has for phones, and what it takes to get it.
type file struct {
	*check.Probe
	from check.Origin
	path string // as it stands in a request line
	req  device.Request

	// challenge is that of the server's 401, where there is one.
	challenge nethttp.Header
	uses      int // of the challenge's nonce

	whole *check.Answer // to a plain GET
}

// ofFile makes a check's function of one that asks further about the phone's
// configuration, once that is there. Where it is not, wholeFile tells.
func ofFile(run func(context.Context, *file) check.Finding) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		return further(ctx, newFile(p, p.Web(), p.First()), run)
	}
}

// ofFirmware is ofFile for the firmware where that is on the web server too: it
// is the largest file of phones.
func ofFirmware(run func(context.Context, *file) check.Finding) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		f := newFile(p, p.Web(), p.First())
		if req, err := p.UpgradeRequest(p.Target.Phones[0].MAC); err == nil && req.Scheme == "http" {
			f = newFile(p, check.Origin{Scheme: req.Scheme, Host: req.Host, Port: req.Port}, req)
		}
		return further(ctx, f, run)
	}
}

func further(ctx context.Context, f *file, run func(context.Context, *file) check.Finding) check.Finding {
	err := f.fetch(ctx)
	switch {
	case err != nil:
		return f.unreachable(err)
	case f.whole.Status != nethttp.StatusOK, f.whole.Cut != nil && !errors.Is(f.whole.Cut, check.ErrTooMuch):
		return check.Skip("needs a URL that gives the file: %s is answered with %s", f.path, f.whole)
	}
	return run(ctx, f)
}

func newFile(p *check.Probe, from check.Origin, req device.Request) *file {
	return &file{Probe: p, from: from, path: escape(req.Path), req: req}
}

// escape writes a path as the phone does: what may not stand in a request line
// is escaped, nothing else.
func escape(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// fetch asks for the file as the phone does, and answers a 401 from then on.
func (f *file) fetch(ctx context.Context) (err error) {
	if f.whole, err = f.get(ctx); err != nil {
		return err
	}
	if f.whole.Status == nethttp.StatusUnauthorized && (f.req.User != "" || f.req.Password != "") {
		f.challenge = f.whole.Header
		f.whole, err = f.get(ctx)
	}
	return err
}

// get asks for the file with further header lines.
func (f *file) get(ctx context.Context, header ...string) (*check.Answer, error) {
	return f.ask(ctx, "GET", f.path, header...)
}

// ask asks for any path as the one who may have the file.
func (f *file) ask(ctx context.Context, method, path string, header ...string) (*check.Answer, error) {
	return f.Ask(ctx, f.from, f.line(method, path, header...))
}

// line is the text of such a request.
func (f *file) line(method, path string, header ...string) string {
	return f.Line(f.from, method, path, append(header, f.credentials(method, path)...)...)
}

// odd is a request whose request line and first fields are given; what the phone
// proves itself by follows.
func (f *file) odd(path, head string) string {
	text := "GET " + path + " " + head + "\r\n"
	for _, line := range f.credentials("GET", path) {
		text += line + "\r\n"
	}
	return text + "\r\n"
}

// same reports whether an answer is the whole file.
func (f *file) same(a *check.Answer) bool {
	return a.Status == nethttp.StatusOK && a.Cut == nil && bytes.Equal(a.Body, f.whole.Body)
}

// expectSame is the finding of an odd request that must be answered with the
// file, like a plain one.
func (f *file) expectSame(a *check.Answer, err error) check.Finding {
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return f.unreachable(err)
	case err != nil:
		return check.Fail("the file, as by a plain request", "no answer: %v", err)
	case !f.same(a):
		return check.Fail("the file, as by a plain request", "%s", a)
	}
	return check.Pass("the file")
}

// unreachable is the finding of a server that the plain request does not reach.
// A handshake that fails is the https group's to tell, once.
func (f *file) unreachable(err error) check.Finding {
	var untrusted *tls.CertificateVerificationError
	if _, alert := check.Alert(err); alert || errors.As(err, &untrusted) {
		return check.Skip("no connection over TLS: %v", err)
	}
	// Not by %w: the time that has run out may be the server's, not the check's.
	return check.Errorf("asking for %s: %v", f.path, err)
}
