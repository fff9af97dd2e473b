package steps

import (
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"provsim/profile"
)

// Base is what a source of a phone gives: where its files are.
type Base struct {
	profile.Target        // its Path is a directory, with "/" at its end
	File           string // the source names this file; "" where it names a directory
	Query          string // with "?", or ""
}

// ParseBase reads the text of a source: a URL, or a host with an optional port and
// directory, for which the scheme counts. A last segment with a dot in its name is a
// file. The error shows nothing of a password.
func ParseBase(text, scheme string) (Base, error) {
	text = strings.TrimSpace(strings.TrimRight(text, "\x00"))
	if text == "" {
		return Base{}, fmt.Errorf("the server is empty, want a URL or a host")
	}
	if !strings.Contains(text, "://") {
		text = scheme + "://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Base{}, fmt.Errorf("want a URL such as http://192.0.2.1/path/, found one that does not parse")
	}
	b := Base{}
	b.Scheme = strings.ToLower(u.Scheme)
	b.Host, b.Port = u.Hostname(), profile.DefaultPort(b.Scheme)
	if u.User != nil {
		b.User = u.User.Username()
		b.Password, _ = u.User.Password()
	}
	switch port := u.Port(); {
	case b.Port == 0:
		return Base{}, fmt.Errorf("found the scheme %q, want tftp, http, https or ftp", b.Scheme)
	case b.Host == "":
		return Base{}, fmt.Errorf("found no host, want a URL such as http://192.0.2.1/path/")
	case port != "":
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return Base{}, fmt.Errorf("found the port %q, want 1 to 65535", port)
		}
		b.Port = uint16(n)
	}
	if u.RawQuery != "" {
		b.Query = "?" + u.RawQuery
	}
	b.Path, b.File = path.Split(u.EscapedPath())
	if b.File != "" && !strings.Contains(b.File, ".") && b.Query == "" {
		b.Path, b.File = b.Path+b.File+"/", ""
	}
	if b.Path == "" {
		b.Path = "/"
	}
	return b, nil
}

// Base reads the text of a source as [ParseBase] does, and remembers the result.
func (f *Firmware) Base(text, scheme string) (Base, error) {
	if b, ok := f.bases[text]; ok {
		return b, nil
	}
	b, err := ParseBase(text, scheme)
	if err != nil {
		return b, err
	}
	if f.bases == nil || len(f.bases) == mostBases {
		f.bases = map[string]Base{}
	}
	f.bases[text] = b
	return b, nil
}

// Login sets the user and the password where the text of the source names none.
func (b *Base) Login(user, password string) {
	if b.User == "" {
		b.User, b.Password = user, password
	}
}

// mostBases bounds what is remembered: URLs may hold a phone's address.
const mostBases = 256

// At returns where a file of that name is. A name that is a URL stands for itself,
// one that begins with "/" counts from the server's root, and "../" leads up.
func (b Base) At(name string) profile.Target {
	t := b.Target
	if strings.Contains(name, "://") {
		if other, err := ParseBase(name, b.Scheme); err == nil {
			return other.Whole()
		}
	}
	name, query, asked := strings.Cut(name, "?")
	if strings.HasPrefix(name, "/") {
		t.Path = path.Clean(name)
	} else {
		t.Path = path.Clean(b.Path + name)
	}
	if asked {
		t.Path += "?" + query
	}
	return t
}

// Whole returns the target of what the source names itself: its file, or its
// directory.
func (b Base) Whole() profile.Target {
	t := b.Target
	t.Path += b.File + b.Query
	return t
}
