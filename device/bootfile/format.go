// Package bootfile is the firmware of phones whose resync looks for a boot file
// first: NAME.boot, which names the configuration files to fetch, and without one
// a file for all phones of a model and a file of the phone's own. Yealink phones and
// the younger Flying Voice phones are of this kind; each is a [Family].
package bootfile

import (
	"bytes"
	"errors"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/profile/lines"
	"provsim/resync"
)

// First is the first line of every file (YL-FMT-1).
const First = "#!version:1.0.0.1"

// Grammar is how the lines of configuration files look (YL-FMT-1).
var Grammar = lines.Grammar{Separator: '=', Comments: "#", Names: ".-", Trim: true, First: First, Form: "name = value"}

// empties is the value that clears a setting (YL-FMT-1).
const empties = "%NULL%"

// boot is what a boot file says (YL-FMT-2).
type boot struct {
	includes  []include
	overwrite bool // settings that no file of the run names go to their factory values
	excluded  bool // models that an include is limited to take no general includes
}

// include is one line of a boot file.
type include struct {
	name   string
	models string // those that it is limited to, by commas; "": all
}

// mostIncludes bounds how many files a boot file may name.
const mostIncludes = 50

// OpenConfig reads a configuration file (YL-FMT-1).
func OpenConfig(body []byte) *device.File {
	if row, _ := lines.Cut(string(body)); strings.TrimPrefix(strings.TrimRight(row, " \t"), "\ufeff") != First {
		return steps.Bad(resync.Corrupt, "the first line is not "+First)
	}
	config, err := Grammar.Parse(body)
	switch {
	case errors.Is(err, profile.ErrEmpty):
		return steps.Bad(resync.Empty, err.Error())
	case err != nil:
		return steps.Bad(resync.Corrupt, err.Error())
	}
	var b profile.Builder
	for name, value := range config.All() {
		if value == empties {
			value = ""
		}
		b.Set(name, strings.TrimRight(value, " \t"), config.Line(name))
	}
	return &device.File{Config: b.Config()}
}

// openBoot reads a boot file. Lines that it does not know are left out (YL-FMT-2).
func openBoot(body []byte) *device.File {
	row, text := lines.Cut(string(bytes.TrimPrefix(body, []byte("\ufeff"))))
	if strings.TrimRight(row, " \t") != First {
		return steps.Bad(resync.Corrupt, "the first line is not "+First)
	}
	b := &boot{}
	for text != "" {
		row, text = lines.Cut(text)
		row = strings.TrimSpace(row)
		models := ""
		if rest, ok := strings.CutPrefix(row, "["); ok {
			if list, after, closed := strings.Cut(rest, "]"); closed {
				models, row = list, strings.TrimSpace(after)
			}
		}
		if name, ok := strings.CutPrefix(row, "include:config"); ok {
			name = strings.Trim(strings.TrimSpace(name), `"<>`)
			if name != "" && len(b.includes) < mostIncludes {
				b.includes = append(b.includes, include{name, models})
			}
			continue
		}
		name, value, _ := strings.Cut(row, "=")
		switch on := strings.TrimSpace(value) == "1"; strings.TrimSpace(name) {
		case "overwrite_mode":
			b.overwrite = on
		case "static.specific_model.excluded_mode", "specific_model.excluded_mode":
			b.excluded = on
		}
	}
	return &device.File{More: b}
}

// names returns the files that a boot file names for a model, in its order.
func (b *boot) names(model string) []string {
	own := func(i include) bool {
		for m := range strings.SplitSeq(i.models, ",") {
			if strings.EqualFold(strings.TrimSpace(m), model) {
				return true
			}
		}
		return false
	}
	var all, limited []string
	for _, i := range b.includes {
		switch {
		case i.models == "":
			all = append(all, i.name)
		case own(i):
			limited, all = append(limited, i.name), append(all, i.name)
		}
	}
	if b.excluded && limited != nil {
		return limited
	}
	return all
}

// withoutKey reads the files of phones that have no key.
var withoutKey = opener("", false)

// opener returns how a configuration is read with a key. Encrypted files are the
// stand-in of YL-ENC-1: OpenSSL's container, AES-128-CBC by one round of MD5.
func opener(key string, only bool) func([]byte) *device.File {
	return func(body []byte) *device.File {
		_, sealed := encrypt.Detect(body)
		switch {
		case !sealed && only:
			return steps.Bad(resync.BadKey, "only encrypted files are taken, and this one is plain")
		case !sealed:
			return OpenConfig(body)
		case key == "":
			return steps.Bad(resync.Corrupt, "the file is encrypted and no AES key is set")
		}
		plain, err := encrypt.AES128().Decrypt(nil, body, key)
		if err != nil {
			return steps.Bad(resync.BadKey, err.Error())
		}
		file := OpenConfig(plain)
		if file.Fault.Outcome != resync.None {
			return steps.Bad(resync.BadKey, "the file decrypts to something that is no configuration")
		}
		return file
	}
}
