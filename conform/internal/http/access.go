package http

import (
	"context"
	nethttp "net/http"
	"slices"
	"strings"

	"provsim/conform/check"
)

// Configurations that ask for a password by Digest.
var (
	apacheDigest = check.Advice{In: "VirtualHost", Config: `<Location "/">
    AuthType Digest
    AuthName "phones"
    AuthUserFile /etc/apache2/phones
    Require valid-user
</Location>`}
	lighttpdDigest = check.Advice{Config: `auth.backend = "htdigest"
auth.backend.htdigest.userfile = "/etc/lighttpd/phones"
auth.require = ( "/" => ( "method" => "digest", "realm" => "phones", "require" => "valid-user" ) )`}
)

// Some servers ask for a password and do not compare it: a script that looks
// for the header only lets every browser in.
var access = check.Check{
	ID:          "http/32",
	Title:       "a password is asked for as declared",
	Requirement: "Where a password is declared, a request without it or with a wrong one gets 401 with a challenge that phones know; elsewhere the server asks for none.",
	Source:      "RFC 9110 sections 11.6.1 and 15.5.2; FV-HTTP-2",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer, check.DeclaredAccess},
	Advice: check.Advices{
		check.Nginx: {In: "server", Config: `auth_basic "phones";
auth_basic_user_file /etc/nginx/phones;`},
		check.Apache: apacheDigest, check.Lighttpd: lighttpdDigest,
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		f := newFile(p, p.Web(), p.First())
		answer, err := f.get(ctx)
		switch {
		case err != nil:
			return f.unreachable(err)
		case p.Target.Policy.Access != check.ByPassword && answer.Status == nethttp.StatusUnauthorized:
			return check.Fail("no password, as declared", "%s", answer)
		case p.Target.Policy.Access != check.ByPassword:
			return check.Pass("no password is asked for")
		case answer.Status != nethttp.StatusUnauthorized:
			return check.Fail("status 401 without a password", "%s", answer)
		}
		return f.challenged(ctx, answer)
	},
}

// challenged goes on after a 401: with the challenge, a wrong password, the
// right one.
func (f *file) challenged(ctx context.Context, refusal *check.Answer) check.Finding {
	offered := schemes(refusal)
	if !slices.Contains(offered, "basic") && !slices.Contains(offered, "digest") {
		return check.Fail("a challenge of Basic or Digest", "WWW-Authenticate: %s", strings.Join(offered, ", "))
	}
	stranger := newFile(f.Probe, f.from, f.req)
	stranger.req.Password += "-wrong"
	stranger.challenge = refusal.Header
	answer, err := stranger.get(ctx)
	if err != nil {
		return check.Errorf("asking with a wrong password: %w", err)
	}
	if answer.Status != nethttp.StatusUnauthorized && answer.Status != nethttp.StatusForbidden {
		return check.Fail("status 401 to a wrong password", "%s", answer)
	}
	if err := f.fetch(ctx); err != nil {
		return check.Errorf("asking with the rule's password: %w", err)
	}
	if f.whole.Status == nethttp.StatusUnauthorized {
		return check.Fail("the file for the rule's user and password", "%s", f.whole)
	}
	return check.Pass("a password by %s", strings.Join(offered, " or "))
}

// schemes returns what a 401 offers, in lower case.
func schemes(a *check.Answer) (all []string) {
	for _, field := range fields(a.Header.Values("WWW-Authenticate")) {
		if name, _, _ := strings.Cut(field, " "); name != "" && !strings.Contains(name, "=") {
			all = append(all, strings.ToLower(name))
		}
	}
	return all
}

var inTheClear = check.Check{
	ID:          "http/33",
	Title:       "plain HTTP asks for no password by Basic",
	Requirement: "Plain HTTP asks for a password by Digest or not at all: anybody on the way reads a password that is sent by Basic.",
	Source:      "RFC 7617 section 4; RFC 7616 section 5.1",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Apache: apacheDigest, check.Lighttpd: lighttpdDigest,
		check.AnyServer: {Text: "nginx supports Basic only: serve files with a password over HTTPS"},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		to := p.Server("http")
		if to == (check.Origin{}) {
			return check.Pass("no plain HTTP")
		}
		f := newFile(p, to, p.First())
		answer, err := f.get(ctx)
		if err != nil {
			return f.unreachable(err)
		}
		offered := schemes(answer)
		if answer.Status == nethttp.StatusUnauthorized && slices.Contains(offered, "basic") && !slices.Contains(offered, "digest") {
			return check.Fail("Digest, or HTTPS", "Basic over plain HTTP")
		}
		return check.Pass("no password by Basic")
	},
}
