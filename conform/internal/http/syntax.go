package http

import (
	"context"
	"fmt"
	"strings"

	"provsim/conform/check"
)

var escapes = check.Check{
	ID:          "http/13",
	Title:       "an escaped character in the path is decoded",
	Requirement: "A path in which a character is written as %XX, in upper or lower case, leads to the same file.",
	Source:      "RFC 3986 sections 2.1, 2.3 and 6.2.2; RFC 9110 section 4.2.3",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:     {Text: "proxy_pass without a path part passes escapes on as they came: name the path in it"},
		check.AnyServer: {Text: "rules that rewrite or forbid must look at the decoded path"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		for _, form := range []string{"%%%02X", "%%%02x"} {
			path, ok := escapeOne(f.path, form)
			if !ok {
				return check.Skip("the path has nothing to escape")
			}
			answer, err := f.ask(ctx, "GET", path)
			if found := f.expectSame(ctx, answer, err); found.Verdict != check.Passed {
				return found.With("asked for %s", path)
			}
		}
		return check.Pass("the file")
	}),
}

// escapeOne escapes the last character of the path that needs no escape and has
// a letter in it: '.' is 2E, 'o' is 6F.
func escapeOne(path, form string) (string, bool) {
	path, query, hasQuery := strings.Cut(path, "?")
	at := strings.LastIndexAny(path, ".jklmnozJKLMNOZ-_~")
	if at < 1 {
		return "", false
	}
	path = path[:at] + fmt.Sprintf(form, path[at]) + path[at+1:]
	if hasQuery {
		path += "?" + query
	}
	return path, true
}

var absoluteForm = check.Check{
	ID:          "http/14",
	Title:       "an absolute URL in the request line is understood",
	Requirement: "A request whose target is an absolute URL, as a phone behind a proxy writes it, is answered with the file.",
	Source:      "RFC 9112 section 3.2.2",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "rules must look at the path, not at the raw request target"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		answer, err := f.ask(ctx, "GET", f.from.String()+f.path)
		return f.expectSame(ctx, answer, err)
	}),
}

var fieldLines = check.Check{
	ID:          "http/15",
	Title:       "unusual header lines are understood",
	Requirement: "Names of fields in any case, blanks around values or none, unknown, empty and repeated fields change nothing.",
	Source:      "RFC 9110 sections 5.1 and 5.3; RFC 9112 section 5",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "no rule of a web application firewall for header lines that browsers do not write"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		for _, fields := range []string{
			"host:" + f.from.Authority(),
			"HOST:   " + f.from.Authority() + "  ", // tabs would be right too, but nginx refuses them and no phone sends them
			"Host: " + f.from.Authority() + "\r\nX-Phone:\r\nAccept:\r\nx-serial: 1\r\nX-Serial: 2",
		} {
			answer, err := f.Ask(ctx, f.from, f.raw(f.path, "HTTP/1.1\r\n"+fields))
			if found := f.expectSame(ctx, answer, err); found.Verdict != check.Passed {
				return found.With("header lines %q", fields)
			}
		}
		return check.Pass("the file")
	}),
}
