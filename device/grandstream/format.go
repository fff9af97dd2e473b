package grandstream

import (
	"bytes"
	"encoding/binary"
	"net/url"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/profile/xml"
	"provsim/resync"
)

// form is what a file says beside its settings.
type form struct {
	mac    device.MAC // of the phone that it is for
	hasMAC bool
	binary bool
}

// parse reads a file that is not encrypted, by its content (GS-FMT-1). The error is
// profile.ErrEmpty or profile.ErrCorrupt.
func parse(body []byte) (profile.Config, form, error) {
	switch text := bytes.TrimLeft(body, "\ufeff\r\n\t "); {
	case len(text) == 0:
		return profile.Config{}, form{}, profile.ErrEmpty
	case text[0] == '<':
		return parseXML(body)
	}
	return parseBinary(body)
}

const (
	headSize = 16
	headEnd  = "\r\n\r\n"
)

// parseBinary reads the binary form (GS-FMT-2): the number of 16-bit words, a word
// that makes all words add up to 0, the address, two line ends, and the settings as
// in a URL's query.
func parseBinary(body []byte) (profile.Config, form, error) {
	corrupt := func(why string) (profile.Config, form, error) {
		if what := profile.Foreign(body); what != "" {
			why = what
		}
		return profile.Config{}, form{}, profile.Corrupt(why)
	}
	if len(body) < headSize || string(body[12:headSize]) != headEnd {
		return corrupt("the file is neither XML nor the binary form: bytes 12 to 15 are not two line ends")
	}
	if words := binary.BigEndian.Uint32(body); len(body)%2 != 0 || uint64(words)*2 != uint64(len(body)) {
		return corrupt("the head of the binary form does not give the length of the file in words of two bytes")
	}
	var sum uint16
	for i := 0; i < len(body); i += 2 {
		sum += binary.BigEndian.Uint16(body[i:])
	}
	if sum != 0 {
		return corrupt("the checksum of the binary form is wrong: its words do not add up to 0")
	}
	var b profile.Builder
	text := strings.TrimRight(string(body[headSize:]), "\x00")
	for pair := range strings.SplitSeq(text, "&") {
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(value)
		switch {
		case pair == "":
			continue
		case !ok || name == "" || err != nil:
			return corrupt("a setting of the binary form is not NAME=value with the value as in a URL")
		case name != "gnkey":
			b.Set(name, value, 1)
		}
	}
	return b.Config(), form{mac: device.MAC(body[6:12]), hasMAC: true, binary: true}, nil
}

// parseXML reads both XML forms (GS-FMT-3, GS-FMT-4): elements named as the settings,
// or items, whose parts have names that follow the item's after a dot.
func parseXML(body []byte) (profile.Config, form, error) {
	var b profile.Builder
	var f form
	rooted, foreign := false, false
	type part struct {
		name, value string
		line        int
	}
	var parts []part
	err := xml.Walk(body, func(e *xml.Element) {
		depth := len(e.Path)
		inside := func(n int) bool { return depth > n && e.Path[depth-1-n] == "config" }
		switch {
		case e.Name() == "config":
			rooted = true
		case e.Name() == "mac" && depth == 2:
			var err error
			if f.mac, err = device.ParseMAC(e.Text); err != nil {
				foreign = true
			}
			f.hasMAC = true
		case inside(2) && e.Path[depth-2] == "item" && e.Name() == "part":
			if name, ok := e.Attribute("name"); ok {
				parts = append(parts, part{name, e.Text, e.Line})
			}
		case inside(1) && e.Name() == "item":
			if name, ok := e.Attribute("name"); ok && name != "" {
				for _, p := range parts {
					b.Set(name+"."+p.name, p.value, p.line)
				}
				if len(parts) == 0 {
					b.Set(name, e.Text, e.Line)
				}
			}
			parts = parts[:0]
		case inside(1):
			b.Set(e.Name(), e.Text, e.Line)
		}
	})
	switch {
	case err != nil:
		return profile.Config{}, f, err
	case !rooted:
		return profile.Config{}, f, profile.Corrupt("the file is XML and has no element config: a web page, or a file of another vendor?")
	case foreign:
		return profile.Config{}, f, profile.Corrupt("the element mac is no address of twelve hex digits")
	}
	return b.Config(), f, nil
}

// opener returns how a file is read with the password P1359, which may be empty
// (GS-ENC-1, GS-ENC-2).
func opener(password, derivation string) func([]byte) *device.File {
	cipher := "openssl-md5"
	if derivation == "sha256" {
		cipher = "openssl-sha256"
	}
	return func(body []byte) *device.File {
		c, err := encrypt.Lookup(cipher)
		if err != nil {
			return steps.Bad(resync.Corrupt, err.Error())
		}
		if _, sealed := encrypt.Detect(body); sealed {
			if password == "" {
				return steps.Bad(resync.BadKey, "the file is encrypted, and the XML password (P1359) is empty")
			}
			plain, err := c.Decrypt(nil, body, password)
			if err != nil {
				return steps.Bad(resync.BadKey, err.Error())
			}
			if config, f, err := parse(plain); err == nil && !f.binary {
				return &device.File{Config: config, More: f}
			}
			return steps.Bad(resync.BadKey, "the file decrypts to something that is no XML configuration")
		}
		config, f, err := parse(body)
		switch {
		case err == nil:
			return &device.File{Config: config, More: f}
		case password != "":
			if plain, err := c.DecryptUnsalted(nil, body, password); err == nil {
				if config, f, err := parse(plain); err == nil && !f.binary {
					return &device.File{Config: config, More: f}
				}
			}
		}
		return steps.Bad(resync.Corrupt, err.Error())
	}
}
