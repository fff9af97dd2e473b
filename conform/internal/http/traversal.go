package http

import (
	"context"
	"strings"

	"provsim/conform/check"
)

// climbs are paths that leave the folder that a server serves. Where several levels
// are needed, more do no harm.
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
	Title:       "no path traversal",
	Requirement: "No form of ../ in a path leads to files outside the served folder.",
	Source:      "CWE-22; CVE-2021-41773 and CVE-2021-42013; nginx alias without a final slash",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx: {Text: "with a slash at the end of both", In: "server", Config: "location /prov/ { alias /srv/prov/; }"},
		check.Apache: {In: "server config", Config: `<Directory />
    Require all denied
</Directory>`},
		check.AnyServer: {Text: "a script must not make file names of request paths"},
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
			if err == nil && f.same(ctx, answer) && !f.anyFolder(ctx) {
				return check.Fail("a refusal", "the phone's file at %s", aside)
			}
		}
		return check.Pass("%d ways tried", len(climbs)+1)
	}),
}

// aside is the path by which a request leaves a folder of nginx whose location
// lacks the final slash: of /prov/file it makes /prov../prov/file.
func (f *file) aside() (string, bool) {
	folder, rest, ok := strings.Cut(strings.TrimPrefix(f.path, "/"), "/")
	return "/" + folder + "../" + folder + "/" + rest, ok && folder != ""
}

// anyFolder reports whether the server finds the file in a folder that cannot be
// there: it looks at the end of the path only, and leaves no folder.
func (f *file) anyFolder(ctx context.Context) bool {
	answer, err := f.ask(ctx, "GET", "/provsim-no-such-folder"+f.path)
	return err == nil && f.same(ctx, answer)
}

// foreign reports whether a body is a file that every system of its kind has.
func foreign(body []byte) bool {
	text := string(body)
	return strings.Contains(text, "root:") && strings.Contains(text, ":0:0:") ||
		strings.Contains(text, "[fonts]") && strings.Contains(text, "[extensions]")
}
