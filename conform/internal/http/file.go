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
	path string // as in the request line
	req  device.Request

	// challenge is that of the server's 401, where there is one.
	challenge nethttp.Header
	uses      int // of the challenge's nonce

	whole  *check.Answer // to a plain GET
	second *check.Answer // to another plain GET, once it was needed
}

// ofFile makes a check's function of one that asks further about the phone's
// configuration, once that is there. Where it is not, wholeFile says so.
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

// escape writes a path as the phone does: it escapes bytes that a request line may not
// hold.
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

// ask asks for any path with the credentials of the file.
func (f *file) ask(ctx context.Context, method, path string, header ...string) (*check.Answer, error) {
	return f.Ask(ctx, f.from, f.line(method, path, header...))
}

// line is the text of such a request.
func (f *file) line(method, path string, header ...string) string {
	return f.LineOf(f.req, f.from, method, path, append(header, f.credentials(method, path)...)...)
}

// raw is the text of a phone's request with the given request line and first fields.
func (f *file) raw(path, head string) string { return f.rawBy(f.req.UserAgent(), path, head) }

// rawBy is like raw, with another User-Agent, or with none.
func (f *file) rawBy(agent, path, head string) string {
	text := "GET " + path + " " + head + "\r\n"
	if agent != "" {
		text += "User-Agent: " + agent + "\r\n"
	}
	for _, line := range f.credentials("GET", path) {
		text += line + "\r\n"
	}
	return text + "\r\n"
}

// same reports whether an answer is the whole file. Where the server makes the
// file anew for each request, so that two plain requests bring different texts,
// the size decides.
func (f *file) same(ctx context.Context, a *check.Answer) bool {
	const slack = 64 // bytes: a time, a salt, a padding
	switch {
	case a.Status != nethttp.StatusOK || a.Cut != nil:
		return false
	case check.SameText(a.Body, f.whole.Body):
		return true
	}
	again := f.again(ctx)
	differ := again != nil && !check.SameText(again.Body, f.whole.Body)
	return differ && max(len(a.Body), len(f.whole.Body))-min(len(a.Body), len(f.whole.Body)) <= slack
}

// steady reports whether two plain requests bring the same bytes.
func (f *file) steady(ctx context.Context) bool {
	again := f.again(ctx)
	return again == nil || bytes.Equal(again.Body, f.whole.Body)
}

// again returns the answer to a second plain request, nil where it brings no file.
func (f *file) again(ctx context.Context) *check.Answer {
	if f.second == nil {
		answer, err := f.get(ctx)
		if err != nil || answer.Status != nethttp.StatusOK || answer.Cut != nil {
			return nil
		}
		f.second = answer
	}
	return f.second
}

// unsteady is the finding of a check that makes no sense where two requests bring
// different bytes.
var unsteady = check.Skip("two requests bring different bytes: see http/38")

// expectSame is the finding of an odd request that must be answered with the
// file, like a plain one.
func (f *file) expectSame(ctx context.Context, a *check.Answer, err error) check.Finding {
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return f.unreachable(err)
	case err != nil:
		return check.Fail("the file, as by a plain request", "no answer: %v", err)
	case !f.same(ctx, a):
		return check.Fail("the file, as by a plain request", "%s", a)
	}
	return check.Pass("the file")
}

// unreachable is the finding of a server that the plain request does not reach.
// The https group reports a handshake that fails.
func (f *file) unreachable(err error) check.Finding {
	var untrusted *tls.CertificateVerificationError
	if _, alert := check.Alert(err); alert || errors.As(err, &untrusted) {
		return check.Skip("no connection over TLS: %v", err)
	}
	// Not by %w: the time that has run out may be the server's, not the check's.
	return check.Errorf("asking for %s: %v", f.path, err)
}
