package files

import (
	"cmp"
	"context"
	"path"
	"strings"

	"provsim/conform/check"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/profile/rule"
	"provsim/resync"
)

var keyUnknown = check.Check{
	ID:          "files/24",
	Title:       "the key cannot be guessed",
	Requirement: "An encrypted configuration does not open with the key of a manual, with the phone's own address or with a usual word.",
	Source:      "FV-ENC-4; provisioning guide, section 4.4, whose example many setups have kept",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "make a key with openssl rand -hex 16, encrypt the files with it, and put it into the phones' rule"}},
	Run: whereKeyed(allFiles("a key that cannot be guessed", func(ctx context.Context, p *check.Probe, files []*file) ([]string, error) {
		f := files[0] // one rule, and so one way to make a key, is all phones'
		cipher, err := encrypt.Lookup(cmp.Or(p.Target.Cipher, encrypt.Default))
		if err != nil {
			return nil, err
		}
		for _, guess := range guesses(p, f) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			plain, err := cipher.Decrypt(nil, f.Reply.Body, guess.key)
			// The padding of a wrong key is right by luck once in 256 times, and some
			// line of the noise then looks like a setting, but not like one of a phone.
			if err == nil && isConfiguration(plain) {
				return []string{f.String() + ": its file opens with " + guess.what}, nil
			}
		}
		return nil, nil
	})),
}

// whereKeyed skips a check of keys where the rule has none.
func whereKeyed(run func(context.Context, *check.Probe) check.Finding) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		if r, err := rule.Parse(p.Target.ProfileRule); err != nil || !r.Keyed {
			return check.Skip("the phones' rule has no key")
		}
		return run(ctx, p)
	}
}

// A guess is a key that everybody would try, and what to call it without
// saying it.
type guess struct{ key, what string }

func guesses(p *check.Probe, f *file) []guess {
	mac := f.phone.MAC
	all := []guess{
		{"", "an empty key"},
		{"123456", "the key of the manual's example"},
		{"whatever", "the pass phrase of the manual's example"},
		{mac.String(), "the phone's own address"}, {mac.Upper(), "the phone's own address"}, {mac.Colons(), "the phone's own address"},
		{strings.ToLower(mac.Colons()), "the phone's own address"},
		{f.phone.Serial, "the phone's serial number"},
		{p.Target.Product, "the product's name"},
		{path.Base(f.Request.Path), "the file's name"},
	}
	for _, word := range usual {
		all = append(all, guess{word, "one of the most usual passwords"})
	}
	return all
}

// usual are the first of every list of passwords, and what provisioning guides
// write.
var usual = []string{
	"password", "passw0rd", "12345678", "123456789", "1234567890", "qwerty123", "1234", "12345", "0000", "1111", "111111", "00000000", "11111111",
	"admin", "admin123", "administrator", "secret", "changeme", "provision", "provisioning", "default", "voip", "phone", "sip", "key", "test", "test1234",
}

var noCopies = check.Check{
	ID:          "files/25",
	Title:       "no readable copy lies beside a file",
	Requirement: "Without key and certificate no copy of a configuration can be read, whether an editor has left it or it is from before the encryption.",
	Source:      "CWE-530; provisioning guide, section 4.4, where param.conf and param-enc.conf are in one folder",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "keep sources and copies in another folder than the served one"},
		check.Nginx:     {In: "server", Config: `location ~ "(~|\.(bak|old|orig|txt))$" { return 404; }`},
		check.Apache:    {In: "VirtualHost", Config: `RedirectMatch 404 "(~|\.(bak|old|orig|txt))$"`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		files, err := fetched(ctx, p)
		switch {
		case err != nil:
			return check.Errorf("%w", err)
		case len(files) == 0:
			return check.Skip("no phone gets a file: see files/1")
		}
		own := files[0].Request
		if control := recognise(anybody(ctx, p, own, own.Path+".none")); control.open() {
			return check.Skip("the server makes a file for any name, none of which is a copy")
		}
		var found, unknown []string
		for _, name := range copies(own.Path) {
			body := anybody(ctx, p, own, name)
			switch c := recognise(body); {
			case c.open():
				found = append(found, name)
			case len(body) > 0 && c.format == "":
				unknown = append(unknown, name)
			}
		}
		switch {
		case ctx.Err() != nil:
			return check.Errorf("asking for copies: %w", ctx.Err())
		case len(found) > 0:
			return check.Fail("nothing that anybody can read under the usual names of copies", "%s", list(found))
		case len(unknown) > 0:
			return check.Skip("what is under the usual names of copies is %s: %s", unknownFormat, list(unknown))
		}
		return check.Pass("no copies")
	},
}

// copies returns where copies of a file are. They are few, so that a server
// that counts misses does not take the phone for an attacker.
func copies(file string) (names []string) {
	names = []string{file + "~", file + ".bak", file + ".old", strings.TrimSuffix(file, path.Ext(file)) + ".txt"}
	for _, mark := range []string{"-enc", "_enc", ".enc"} {
		if plain := strings.Replace(file, mark, "", 1); plain != file {
			names = append(names, plain)
		}
	}
	return names
}

// anybody returns what a client without certificate and password gets.
func anybody(ctx context.Context, p *check.Probe, req device.Request, path string) []byte {
	req.Path, req.User, req.Password = path, "", ""
	if c := req.TLS.Certificates; c != nil {
		req.TLS.Certificates = &device.Certificates{CA: c.CA}
	}
	got := p.Fetch(ctx, req)
	if got.Outcome != resync.None {
		return nil
	}
	return got.Body
}

// isConfiguration reports whether a text is a phone's configuration, and not
// encrypted.
func isConfiguration(body []byte) bool {
	config, _ := vendors.Default().Parse(body)
	for name := range config.All() {
		if _, ok := known.Named(name); ok {
			return true
		}
	}
	return false
}
