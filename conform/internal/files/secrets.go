package files

import (
	"cmp"
	"context"
	"path"
	"strings"

	"provsim/conform/check"
	"provsim/device"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/resync"
)

var keyUnknown = check.Check{
	ID:          "files/24",
	Title:       "the key is not the one that anybody tries first",
	Requirement: "An encrypted configuration does not open with the key of a manual, with the phone's own address or with a usual word.",
	Source:      "FV-ENC-4; provisioning guide, section 4.4, whose example many setups have kept",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile},
	Advice:      map[check.Server]string{check.AnyServer: "make a key with openssl rand -hex 16, encrypt the files with it, and put it into the phones' rule"},
	Run: allFiles("a key that cannot be guessed", func(ctx context.Context, p *check.Probe, files []*file) ([]string, error) {
		f := files[0] // one rule, and so one way to make a key, is all phones'
		if !f.Keyed {
			return nil, nil
		}
		cipher, err := encrypt.Lookup(cmp.Or(p.Target.Cipher, encrypt.Default))
		if err != nil {
			return nil, err
		}
		for _, guess := range guesses(p, f) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			plain, err := cipher.Open(nil, f.Reply.Body, guess.key)
			// The padding of a wrong key is right by luck once in 256 times, and some
			// line of the noise then looks like a setting, but not like one of a phone.
			if err == nil && isConfiguration(plain) {
				return []string{f.String() + ": its file opens with " + guess.what}, nil
			}
		}
		return nil, nil
	}),
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
	Title:       "no copy lies beside a file",
	Requirement: "Nobody without key and certificate reads a copy of a configuration: what an editor has left, or what was there before encryption.",
	Source:      "CWE-530; provisioning guide, section 4.4, where param.conf and param-enc.conf are in one folder",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile},
	Advice: map[check.Server]string{
		check.AnyServer: "keep sources and copies in another folder than the one that is served",
		check.Nginx:     `location ~ (~|\.(bak|old|orig|txt))$ { return 404; }`,
		check.Apache:    `RedirectMatch 404 "(~|\.(bak|old|orig|txt))$"`,
	},
	Run: allFiles("nothing that anybody can read under the usual names of copies", func(ctx context.Context, p *check.Probe, files []*file) (found []string, err error) {
		own := files[0].Request
		if isConfiguration(anybody(ctx, p, own, own.Path+".none")) {
			return nil, ctx.Err() // the server makes a file for any name, none of which is a copy
		}
		for _, name := range copies(own.Path) {
			if isConfiguration(anybody(ctx, p, own, name)) {
				found = append(found, name)
			}
		}
		return found, ctx.Err()
	}),
}

// copies returns where copies of a file are. They are few, lest a server that
// counts misses take the phone for an attacker.
func copies(file string) (names []string) {
	names = []string{file + "~", file + ".bak", file + ".old", strings.TrimSuffix(file, path.Ext(file)) + ".txt"}
	for _, mark := range []string{"-enc", "_enc", ".enc"} {
		if plain := strings.Replace(file, mark, "", 1); plain != file {
			names = append(names, plain)
		}
	}
	return names
}

// anybody returns what somebody gets who has neither certificate nor password.
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
	config, _ := profile.ParseConfig(body)
	for name := range config.All() {
		if _, ok := known.Named(name); ok {
			return true
		}
	}
	return false
}
