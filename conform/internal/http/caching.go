package http

import (
	"context"
	"strings"

	"provsim/conform/check"
)

// What Authorization protects is kept by no shared cache unless the answer says
// so (RFC 9111 section 3.5); that a proxy between has it nevertheless is not
// seen from here.
var notCached = check.Check{
	ID:          "http/25",
	Title:       "no cache keeps the configuration",
	Requirement: "The answer says that no proxy on the way may keep and reuse it: Cache-Control with no-store, private, no-cache or max-age=0.",
	Source:      "RFC 9111 sections 3, 4.2.2 and 5.2.2: without it a cache may reuse an old file, or hand it to others",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:    {In: "server", Config: "add_header Cache-Control no-store always;"},
		check.Apache:   {In: "VirtualHost", Config: `Header always set Cache-Control "no-store"`},
		check.Lighttpd: {Config: `setenv.add-response-header = ( "Cache-Control" => "no-store" )`},
	},
	Run: ofFile(func(_ context.Context, f *file) check.Finding {
		control := f.whole.Header.Values("Cache-Control")
		var public bool
		for _, directive := range fields(control) {
			switch strings.ToLower(strings.ReplaceAll(directive, " ", "")) {
			case "no-store", "private", "no-cache", "max-age=0", "s-maxage=0":
				return check.Pass("Cache-Control: %s", strings.Join(control, ", "))
			case "public", "must-revalidate":
				public = true
			}
			public = public || strings.HasPrefix(strings.ToLower(directive), "s-maxage=")
		}
		switch {
		case len(control) == 0 && f.challenge != nil:
			return check.Pass("an answer to Authorization, which no shared cache keeps")
		case f.challenge != nil && !public:
			return check.Pass("an answer to Authorization, Cache-Control: %s", strings.Join(control, ", "))
		case len(control) == 0:
			return check.Fail("Cache-Control: no-store", "no Cache-Control")
		}
		return check.Fail("Cache-Control: no-store", "Cache-Control: %s", strings.Join(control, ", "))
	}),
}

var steadyFile = check.Check{
	ID:          "http/38",
	Title:       "two requests bring the same bytes",
	Requirement: "Two requests for a file that has not changed bring the same bytes.",
	Source:      "RFC 9110 sections 8.8.1 and 13.1: otherwise neither validators nor ranges work; phones that compare a digest apply the file each time",
	Level:       check.Info,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "keep the time of the request, random numbers and a new salt out of the file; the time of the last change may be in it"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		const want = "the same bytes"
		switch again := f.again(ctx); {
		case ctx.Err() != nil || again == nil:
			return check.Errorf("asking for %s again: no file", f.path)
		case f.steady(ctx):
			return check.Pass(want)
		case check.SameText(again.Body, f.whole.Body):
			return check.Fail(want, "other comments, the same settings")
		}
		return check.Fail(want, "other bytes, not only in comments")
	}),
}
