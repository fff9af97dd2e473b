package ciscospa

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/profile/xml"
	"provsim/resync"
)

// grammar is where a profile has its settings (SPA-FMT-2).
var grammar = xml.Grammar{Shape: xml.Text, Roots: []string{"flat-profile"}}

// mostAliases is how many entries of an alias map count (SPA-RULE-6).
const mostAliases = 30

// opener is how a rule wants its file opened.
type opener struct {
	keyed   bool
	key     string
	aliases string // a map of paths to parameters; "" for none
	limit   int64  // of the bytes that a file may inflate to
	cipher  encrypt.Cipher
}

var gzipMagic, saltedMagic = []byte("\x1f\x8b"), []byte("Salted__")

// open decides by content what a file is: decrypt, inflate, then XML (SPA-FMT-1).
func (o *opener) open(body []byte) *device.File {
	plain, sealed := body, bytes.HasPrefix(body, saltedMagic)
	switch compressed := bytes.HasPrefix(body, gzipMagic); {
	case o.keyed && !sealed && (compressed || isXML(body)):
		return steps.Bad(resync.BadKey, "the rule has a --key and the file is not encrypted (SPA-ENC-3)")
	case o.keyed && !sealed:
		return steps.Bad(resync.Corrupt, "the file does not begin with Salted__: it was made with -S, or is not encrypted (SPA-ENC-2)")
	case sealed && !o.keyed:
		return steps.Bad(resync.Corrupt, "the file is encrypted and the rule has no --key (SPA-ENC-1)")
	case sealed:
		var err error
		if plain, err = o.cipher.Decrypt(nil, body, o.key); err != nil {
			return o.badKey(body, err.Error())
		}
		if !bytes.HasPrefix(plain, gzipMagic) && !isXML(plain) {
			// The padding of a wrong key is right by luck once in 256 times.
			return o.badKey(body, "the file decrypts to something that is not a profile")
		}
	}
	if bytes.HasPrefix(plain, gzipMagic) {
		var fault *device.File
		if plain, fault = o.inflate(plain); fault != nil {
			return fault
		}
	}
	config, err := o.parse(plain)
	switch {
	case errors.Is(err, profile.ErrEmpty):
		return steps.Bad(resync.Empty, "the file has no bytes")
	case err != nil:
		return steps.Bad(resync.Corrupt, err.Error())
	}
	return &device.File{Config: profile.Config{}.Merge(config)} // not the zero Config: a profile without settings is applied too
}

// badKey says by which cipher the key opens the file, if it does (SPA-ENC-2).
func (o *opener) badKey(body []byte, why string) *device.File {
	if name := o.cipher.DecryptedBy(body, o.key); name != "" {
		why = "the key opens the file by " + name + ", and the phone's cipher is " + o.cipher.Name + ": encrypt with -md md5 (SPA-ENC-2)"
	}
	return steps.Bad(resync.BadKey, why)
}

func (o *opener) inflate(packed []byte) ([]byte, *device.File) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, steps.Bad(resync.Corrupt, "the gzip header is damaged")
	}
	plain, err := io.ReadAll(io.LimitReader(r, o.limit+1))
	switch {
	case int64(len(plain)) > o.limit:
		return nil, steps.Bad(resync.TooLarge, "the file inflates to more than the limit")
	case err != nil:
		return nil, steps.Bad(resync.Corrupt, "the compressed file is damaged")
	}
	return plain, nil
}

func (o *opener) parse(plain []byte) (profile.Config, error) {
	aliases := readAliases(o.aliases)
	if len(aliases) == 0 {
		return grammar.Parse(plain)
	}
	var b profile.Builder
	err := xml.Walk(plain, func(e *xml.Element) {
		path := "/" + strings.Join(e.Path, "/")
		for _, a := range aliases {
			if rest, ok := strings.CutPrefix(path, a.from); ok && (rest == "" || rest[0] == '/') {
				path = a.to + rest
				break
			}
		}
		if name, ok := strings.CutPrefix(path, "/flat-profile/"); ok && !strings.Contains(name, "/") {
			b.Set(name, e.Text, e.Line)
		}
	})
	return b.Config(), err
}

type alias struct{ from, to string }

// readAliases reads /a/b = /flat-profile/Name ; up to mostAliases. What is not of
// this form is left out.
func readAliases(text string) (list []alias) {
	for entry := range strings.SplitSeq(text, ";") {
		from, to, _ := strings.Cut(entry, "=")
		a := alias{strings.TrimSpace(from), strings.TrimSpace(to)}
		if strings.HasPrefix(a.from, "/") && strings.HasPrefix(a.to, "/") && len(list) < mostAliases {
			list = append(list, a)
		}
	}
	return slices.Clip(list)
}

func isXML(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, "\ufeff\r\n\t "), []byte("<"))
}
