package http

import (
	"bytes"
	"context"
	"path"
	"strings"

	"provsim/conform/check"
)

// A list of the phones' folder is a list of the MAC addresses in use, and with
// them of all that is needed to fetch every file. A start page without names of
// files is not one.
var listing = check.Check{
	ID:          "http/18",
	Title:       "no directory listing",
	Requirement: "The answer to a request for a folder is no list of its files, which would name the phones.",
	Source:      "CWE-548; Apache manual, Options Indexes; nginx manual, autoindex",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:    {In: "server", Config: "autoindex off;"},
		check.Apache:   {In: "Directory", Config: "Options -Indexes"},
		check.Lighttpd: {Text: `remove dir-listing.activate = "enable"`},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		for _, folder := range folders(f.path) {
			answer, err := f.ask(ctx, "GET", folder)
			switch {
			case ctx.Err() != nil:
				return check.Errorf("asking for %s: %w", folder, ctx.Err())
			case err == nil && answer.Status == 200 && f.lists(answer.Body):
				return check.Fail("no list of files", "a list of files at %s", folder)
			}
		}
		return check.Pass("no list of files")
	}),
}

// lists reports whether a page names files of the server.
func (f *file) lists(page []byte) bool {
	for _, phone := range f.Target.Phones {
		if req, err := f.Request(phone.MAC); err == nil && bytes.Contains(page, []byte(path.Base(req.Path))) {
			return true
		}
	}
	page = bytes.ToLower(page)
	return bytes.Contains(page, []byte("<title>index of")) || bytes.Contains(page, []byte("directory listing for"))
}

// maxFolders is how deep a check looks.
const maxFolders = 8

// folders returns the folders above a file, the nearest first.
func folders(file string) (all []string) {
	file, _, _ = strings.Cut(file, "?")
	for file != "/" && len(all) < maxFolders {
		file = path.Dir(path.Clean("/" + file))
		all = append(all, strings.TrimSuffix(file, "/")+"/")
	}
	return all
}

var leftovers = check.Check{
	ID:          "http/20",
	Title:       "no copies and no hidden files beside the file",
	Requirement: "Copies that editors leave, version control and password files are not served.",
	Source:      "CWE-530; CWE-538; nginx and Apache guides on hidden files",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx: {In: "server", Config: `location ~ "(^|/)\.|~$|\.(bak|old|orig|save|swp)$" { return 404; }`},
		check.Apache: {In: "VirtualHost", Config: `<FilesMatch "^\.|~$|\.(bak|old|orig|save|swp)$">
    Require all denied
</FilesMatch>`},
		check.Lighttpd: {Config: `url.access-deny = ( "~", ".bak", ".old", ".orig", ".save", ".swp", "/.git", "/.ht" )`},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		file, _, _ := strings.Cut(f.path, "?")
		folder, name := path.Split(file)
		// Where every path is answered with a page, a page proves nothing.
		if control, err := f.ask(ctx, "GET", file+".provsim-no-such-file"); err == nil && control.Status == 200 {
			return check.Skip("the server answers any path with a page")
		}
		for _, left := range []string{
			file + "~", file + ".bak", file + ".old", file + ".orig", file + ".save", folder + "." + name + ".swp",
			folder + ".htaccess", folder + ".htpasswd", "/.git/HEAD", "/.svn/entries",
		} {
			answer, err := f.ask(ctx, "GET", left)
			switch {
			case ctx.Err() != nil:
				return check.Errorf("asking for %s: %w", left, ctx.Err())
			case err == nil && answer.Status == 200:
				return check.Fail("status 404 or 403", "%s at %s", answer, left)
			}
		}
		return check.Pass("none found")
	}),
}
