package http

import (
	"context"
	"strings"

	"provsim/conform/check"
)

// climbs are ways out of the folder that a server serves, each with a sign of
// having got out. Where several levels are needed, more do no harm.
var climbs = []string{
	"/" + up("../") + "etc/passwd",
	"/" + up("%2e%2e/") + "etc/passwd",
	"/" + up("..%2f") + "etc/passwd",
	"/" + up("%252e%252e/") + "etc/passwd",
	"/" + up("..%252f") + "etc/passwd",
	"/" + up("..%c0%af") + "etc/passwd",
	"/" + up("....//") + "etc/passwd",
	"/" + up("..;/") + "etc/passwd",
	"/cgi-bin/" + up(".%2e/") + "etc/passwd",   // CVE-2021-41773
	"/icons/" + up(".%%32%65/") + "etc/passwd", // CVE-2021-42013
	"//etc/passwd",
	"/" + up("..\\") + "windows\\win.ini",
	"/" + up("..%5c") + "windows/win.ini",
}

func up(step string) string { return strings.Repeat(step, maxFolders) }

var traversal = check.Check{
	ID:          "http/19",
	Title:       "no way out of the folder",
	Requirement: "No form of ../ in a path leads to files outside of what the server is to serve.",
	Source:      "CWE-22; CVE-2021-41773 and CVE-2021-42013; nginx alias without a final slash",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: map[check.Server]string{
		check.Nginx:     "location /prov/ { alias /srv/prov/; } with a slash at the end of both",
		check.Apache:    "<Directory />Require all denied</Directory>",
		check.AnyServer: "a script must not make file names of request paths",
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		for _, climb := range climbs {
			answer, err := f.ask(ctx, "GET", climb)
			switch {
			case ctx.Err() != nil:
				return check.Errorf("asking for %s: %w", climb, ctx.Err())
			case err == nil && foreign(answer.Body):
				return check.Fail("a refusal", "a file of the operating system at %s", climb)
			}
		}
		if aside, ok := f.aside(); ok {
			answer, err := f.ask(ctx, "GET", aside)
			if err == nil && f.same(answer) {
				return check.Fail("a refusal", "the phone's file at %s", aside)
			}
		}
		return check.Pass("%d ways tried", len(climbs)+1)
	}),
}

// aside is the path by which nginx leaves a folder whose location lacks the
// final slash: of /prov/file it makes /prov../prov/file.
func (f *file) aside() (string, bool) {
	folder, rest, ok := strings.Cut(strings.TrimPrefix(f.path, "/"), "/")
	return "/" + folder + "../" + folder + "/" + rest, ok && folder != ""
}

// foreign reports whether a body is a file that every system of its kind has.
func foreign(body []byte) bool {
	text := string(body)
	return strings.Contains(text, "root:") && strings.Contains(text, ":0:0:") ||
		strings.Contains(text, "[fonts]") && strings.Contains(text, "[extensions]")
}
