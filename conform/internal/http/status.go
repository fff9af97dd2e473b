package http

import (
	"context"
	"errors"
	nethttp "net/http"
	"slices"

	"provsim/conform/check"
	"provsim/device"
	"provsim/resync"
)

// strangers returns addresses of phones that the setup does not list: one of the
// first phone's vendor, because many systems look at the vendor, and a locally
// administered one, which belongs to no vendor. They are the same in every run.
func strangers(p *check.Probe) []device.MAC {
	own := p.Target.Phones[0].MAC
	own[3], own[4], own[5] = 0x70, 0x72, 0x6f
	for slices.ContainsFunc(p.Target.Phones, func(phone check.Phone) bool { return phone.MAC == own }) {
		own[5]++
	}
	return []device.MAC{own, {0x02, 0x70, 0x72, 0x6f, 0x76, 0x31}}
}

var unknownPhone = check.Check{
	ID:          "http/1",
	Title:       "an unknown phone gets 404",
	Requirement: "A phone that the server does not know gets 404, or 403, for its file, neither a page nor a redirect to one, also when it asks again.",
	Source:      "RFC 9110 section 15.5.5; FV-HTTP-2, FV-CFG-2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:     {In: "server", Config: "try_files $uri =404;"},
		check.Apache:    {In: "VirtualHost", Config: "FallbackResource disabled"},
		check.AnyServer: {Text: "serve no login page, no front controller and no default file for what does not exist"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		var found check.Finding
		for _, mac := range strangers(f.Probe) {
			req, err := f.Request(mac)
			if err != nil {
				return check.Errorf("%w", err)
			}
			if req.Path == f.req.Path {
				return check.Skip("the rule leads all phones to one file")
			}
			if found = f.unknown(ctx, req); found.Verdict != check.Passed {
				return found
			}
		}
		return found
	}),
}

// unknown asks twice as a phone that the setup does not list. Some systems enter
// such a phone at its first request; the second answer is that of every later run.
func (f *file) unknown(ctx context.Context, req device.Request) check.Finding {
	stranger := newFile(f.Probe, f.from, req)
	stranger.challenge = f.challenge
	stranger.req.User, stranger.req.Password = f.req.User, f.req.Password
	var first, answer *check.Answer
	for range 2 {
		var err error
		first = answer
		if answer, err = stranger.get(ctx); err != nil {
			return check.Errorf("asking for %s: %w", req.URL(), err)
		}
	}
	switch answer.Status {
	case nethttp.StatusNotFound, nethttp.StatusGone, nethttp.StatusForbidden:
		return check.Pass("%s", answer)
	}
	found := check.Fail("status 404", "%s", answer)
	if first.Status != answer.Status {
		return found.With("the first request was answered with %s: the system seems to have entered the phone %s", first, req.From.MAC)
	}
	return found.With("asked as phone %s", req.From.MAC)
}

var wholeFile = check.Check{
	ID:          "http/2",
	Title:       "GET gives the phone's file",
	Requirement: "The file that the phone's rule leads to is answered with status 200 and all its bytes.",
	Source:      "RFC 9110 section 9.3.1; FV-HTTP-2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "make file and folder readable for the server's user, and compare upper and lower case of the name"},
		check.Nginx:     {In: "server", Config: "root /srv/provisioning;"},
		check.Apache: {In: "VirtualHost", Config: `<Directory /srv/provisioning>
    Require all granted
</Directory>`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		f := newFile(p, p.Web(), p.First())
		if err := f.fetch(ctx); errors.Is(err, check.ErrTooMuch) {
			return check.Fail("an answer that ends", "%v", err)
		} else if err != nil {
			return f.unreachable(err)
		}
		switch a := f.whole; {
		case a.Status >= 300 && a.Status < 400 && f.req.Scheme != "tftp":
			return f.redirected(ctx)
		case a.Status != nethttp.StatusOK && f.req.Scheme == "tftp":
			return check.Skip("the phone's rule leads to TFTP, and the web server has no file of that name: %s", a)
		case a.Status != nethttp.StatusOK || a.Cut != nil:
			return check.Fail("status 200 and the whole file", "%s", a)
		case len(a.Body) == 0:
			return check.Fail("status 200 and the whole file", "status 200 and nothing")
		}
		return check.Pass("%s", f.whole)
	},
}

// redirected says whether the phone comes to its file by a redirect (FV-HTTP-2).
func (f *file) redirected(ctx context.Context) check.Finding {
	ctx, cancel := context.WithTimeout(ctx, 5*f.Patience)
	defer cancel()
	if reply := f.Fetch(ctx, f.req); reply.Outcome != resync.None {
		return check.Fail("status 200 and the whole file", "%s, where the phone ends with %s", f.whole, reply.Outcome)
	}
	return check.Pass("%s, where the phone gets it", f.whole)
}

var noRedirect = check.Check{
	ID:          "http/7",
	Title:       "the file comes without a redirect",
	Requirement: "The phone's own URL is answered with the file, not with another URL.",
	Source:      "dSIPRouter issue 748: older phones cannot follow a redirect to HTTPS; FV-HTTP-2",
	Level:       check.Info,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx: {In: "server", Config: `location /provisioning/ { root /srv; }
location / { return 301 https://$host$request_uri; }`},
		check.Apache: {In: "VirtualHost", Config: `RewriteEngine on
RewriteRule ^/provisioning/ - [L]
RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]`},
		check.AnyServer: {Text: "write the final URL into the phones' rule"},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		f := newFile(p, p.Web(), p.First())
		if err := f.fetch(ctx); err != nil {
			return f.unreachable(err)
		}
		if f.whole.Status >= 300 && f.whole.Status < 400 {
			return check.Fail("the file", "%s", f.whole)
		}
		return check.Pass("%s", f.whole)
	},
}
