package http

import (
	"context"
	"slices"
	"strings"

	"provsim/conform/check"
)

var readOnly = check.Advices{
	check.Nginx: {In: "location", Config: "limit_except GET { deny all; }"},
	check.Apache: {Text: "needs mod_allowmethods, and no Dav On", In: "VirtualHost", Config: `<Directory /srv/provisioning>
    AllowMethods GET HEAD
</Directory>`},
	check.Lighttpd: {Config: `$HTTP["request-method"] !~ "^(GET|HEAD)$" { url.access-deny = ( "" ) }`},
}

// These two need permission, because a server that allows them has been changed
// when the check is over, if only by a file that it wrote and deleted.
var writing = check.Check{
	ID:          "http/21",
	Title:       "files cannot be written or deleted",
	Requirement: "PUT and DELETE are refused.",
	Source:      "RFC 9110 sections 9.3.4, 9.3.5 and 15.5.6; CWE-650",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer, check.Destructive},
	Advice:      readOnly,
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		// What is written and deleted has a name that no phone asks for.
		const content = "written by a check\n"
		file := folders(f.path)[0] + "provsim-check.txt"
		put := f.line("PUT", file, "Content-Type: text/plain", "Content-Length: 19") + content
		written, err := f.Ask(ctx, f.from, put)
		if ctx.Err() != nil {
			return check.Errorf("putting %s: %w", file, ctx.Err())
		}
		// Deleting also takes away what was written.
		deleted, deletes := f.ask(ctx, "DELETE", file)
		switch {
		case err == nil && done(written):
			return check.Fail("PUT and DELETE refused", "PUT is answered with status %d", written.Status)
		case deletes == nil && done(deleted):
			return check.Fail("PUT and DELETE refused", "DELETE is answered with status %d", deleted.Status)
		}
		return check.Pass("both refused")
	}),
}

// done reports whether a server says that it has done what it was asked for.
func done(a *check.Answer) bool { return a.Status >= 200 && a.Status < 300 }

// A server may answer POST with the file, and Apache does so for files on disk.
// It shows that the server takes more requests than phones need.
var posting = check.Check{
	ID:          "http/22",
	Title:       "POST is refused",
	Requirement: "POST to a phone's file is refused: phones only read.",
	Source:      "RFC 9110 sections 9.3.3 and 15.5.6",
	Level:       check.Info,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer, check.Destructive},
	Advice:      readOnly,
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		answer, err := f.ask(ctx, "POST", f.path, "Content-Length: 0")
		switch {
		case ctx.Err() != nil:
			return check.Errorf("posting to %s: %w", f.path, ctx.Err())
		case err == nil && done(answer):
			return check.Fail("a status from 400 to 499, or 501", "%s", answer)
		case err != nil:
			return check.Pass("the server ends the connection")
		}
		return check.Pass("%s", answer)
	}),
}

var tracing = check.Check{
	ID:          "http/23",
	Title:       "TRACE does not send requests back",
	Requirement: "TRACE is refused: it shows a page of another site what a browser sends by itself.",
	Source:      "RFC 9110 sections 9.3.8 and 17.15; Apache manual, TraceEnable",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Apache:    {In: "VirtualHost", Config: "TraceEnable Off"},
		check.AnyServer: {Text: "nginx and lighttpd refuse TRACE by themselves"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		const mark = "X-Mark: 7a1c"
		answer, err := f.ask(ctx, "TRACE", f.path, mark)
		switch {
		case ctx.Err() != nil:
			return check.Errorf("tracing %s: %w", f.path, ctx.Err())
		case err == nil && done(answer) && strings.Contains(string(answer.Body), mark):
			return check.Fail("a status from 400 to 499, or 501", "status %d and the request itself", answer.Status)
		}
		return check.Pass("TRACE is not answered with the request")
	}),
}

var offers = check.Check{
	ID:          "http/24",
	Title:       "OPTIONS names no method that writes",
	Requirement: "The answer to OPTIONS names no method that writes, and no WebDAV.",
	Source:      "RFC 9110 section 9.3.7; RFC 4918 section 10.1",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice:      readOnly,
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		answer, err := f.ask(ctx, "OPTIONS", f.path)
		switch {
		case ctx.Err() != nil:
			return check.Errorf("asking for the options of %s: %w", f.path, ctx.Err())
		case err != nil:
			return check.Pass("OPTIONS is not answered")
		case answer.Header.Get("Dav") != "":
			return check.Fail("no WebDAV", "DAV: %s", answer.Header.Get("Dav"))
		}
		for _, method := range fields(answer.Header.Values("Allow")) {
			if slices.Contains([]string{"PUT", "DELETE", "PATCH", "MKCOL", "MOVE", "COPY", "PROPPATCH"}, method) {
				return check.Fail("no method that writes", "Allow: %s", strings.Join(answer.Header.Values("Allow"), ", "))
			}
		}
		return check.Pass("%s", answer)
	}),
}

// fields returns the members of a list that may go over several header lines.
func fields(lines []string) (all []string) {
	for _, line := range lines {
		for member := range strings.SplitSeq(line, ",") {
			all = append(all, strings.TrimSpace(member))
		}
	}
	return all
}
