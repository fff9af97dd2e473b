package http

import (
	"context"
	"errors"
	nethttp "net/http"

	"provsim/conform/check"
	"provsim/device"
	"provsim/resync"
)

// nobody is a MAC address that no phone has: locally administered, and made up.
var nobody = device.MAC{0x02, 0x70, 0x72, 0x6f, 0x76, 0x31}

var unknownPhone = check.Check{
	ID:          "http/1",
	Title:       "an unknown phone gets 404",
	Requirement: "A request for the file of a phone that the server does not know is answered with 404, neither with a page nor with a redirect to one.",
	Source:      "RFC 9110 section 15.5.5; FV-HTTP-2, FV-CFG-2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: map[check.Server]string{
		check.Nginx:     "try_files $uri =404;",
		check.Apache:    "FallbackResource disabled",
		check.AnyServer: "no login page, no front controller and no default file for what is not there",
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		req, err := f.Request(nobody)
		if err != nil {
			return check.Errorf("%w", err)
		}
		if req.Path == f.req.Path {
			return check.Skip("the rule leads all phones to one file")
		}
		answer, err := f.ask(ctx, "GET", escape(req.Path))
		switch {
		case err != nil:
			return check.Errorf("asking for %s: %w", req.URL(), err)
		case answer.Status == nethttp.StatusForbidden && f.from.Scheme == "https":
			// By certificate, another phone's file is forbidden before it is missing.
			return check.Pass("%s", answer)
		case answer.Status != nethttp.StatusNotFound && answer.Status != nethttp.StatusGone:
			return check.Fail("status 404", "%s", answer)
		}
		return check.Pass("%s", answer)
	}),
}

var wholeFile = check.Check{
	ID:          "http/2",
	Title:       "GET gives the phone's file",
	Requirement: "The file that the phone's rule leads to is answered with status 200 and all its bytes.",
	Source:      "RFC 9110 section 9.3.1; FV-HTTP-2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: map[check.Server]string{
		check.AnyServer: "file and folder must be readable by the server's user; case of the name counts",
		check.Nginx:     "root /srv/provisioning;",
		check.Apache:    "Require all granted",
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
	Advice: map[check.Server]string{
		check.Nginx:     "return 301 https://$host$request_uri; only outside of the location of the phones' files",
		check.Apache:    "RewriteRule ^/provisioning/ - [L] before the rule that redirects",
		check.AnyServer: "put the final URL into the phones' rule",
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
