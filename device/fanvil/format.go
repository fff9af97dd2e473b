package fanvil

import (
	"bytes"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/profile/lines"
	"provsim/profile/xml"
	"provsim/resync"
)

// The marks of a text file (FA-FMT-1).
const (
	firstMark = "<<VOIP CONFIG FILE>>Version:"
	endMark   = "<<END OF FILE>>"
)

// parse reads a file that is not encrypted, by its content, and returns its version
// and whether it is of the second XML form (FA-FMT-1, FA-FMT-2).
func parse(body []byte) (config profile.Config, version string, second bool, err error) {
	var b profile.Builder
	switch text := bytes.TrimLeft(body, "\ufeff\r\n\t "); {
	case len(text) == 0:
		return config, "", false, profile.ErrEmpty
	case bytes.HasPrefix(text, []byte("<<")):
		version, err = parseText(string(text), &b)
	default:
		version, second, err = parseXML(body, &b)
	}
	switch {
	case err != nil:
		return config, "", second, err
	case version == "":
		return config, "", second, profile.Corrupt("the file has no version")
	}
	return b.Config(), version, second, nil
}

// parseText reads the form of lines NAME :value. Names of sections say nothing.
func parseText(text string, b *profile.Builder) (version string, err error) {
	row, rest := lines.Cut(text)
	version, ok := strings.CutPrefix(strings.TrimSpace(row), firstMark)
	if !ok {
		return "", profile.Corrupt("the first line is not " + firstMark + " and a number")
	}
	for number := 2; rest != ""; number++ {
		row, rest = lines.Cut(rest)
		row = strings.TrimSpace(row)
		name, value, ok := setting(row)
		switch {
		case row == endMark:
			return strings.TrimSpace(version), nil
		case row == "" || row[0] == '<' && strings.HasSuffix(row, ">"):
		case !ok:
			b.Skip(profile.BadLine{Line: number, Column: 1, Why: "found no name before ':', want NAME :value"})
		default:
			b.Set(canonical(name), value, number)
		}
	}
	return "", profile.Corrupt("the file has no last line " + endMark + ": it is cut off")
}

// setting takes a line of a text file apart, at its first ':'.
func setting(row string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(row, ":")
	name = strings.TrimSpace(name)
	return name, strings.TrimSpace(value), ok && name != "" && profile.IndexControl(row) < 0
}

// parseXML reads both XML forms. In the first a setting is NAME inside a module, with
// '_' for the blanks; in the second it is named by the elements around it.
func parseXML(body []byte, b *profile.Builder) (version string, second bool, err error) {
	root := ""
	above := 0                 // the depth of the element before, which is deeper for one with elements inside
	places := map[string]int{} // how many elements with others inside have ended, by name
	err = xml.Walk(body, func(e *xml.Element) {
		depth, leaf := len(e.Path), above <= len(e.Path)
		above, root = depth, e.Path[0]
		second = root == "sysConf"
		switch {
		case depth < 2:
		case depth == 2 && strings.EqualFold(e.Name(), "version"):
			version = e.Text
		case !leaf && second:
			places[place(e.Path[1:], places)]++
		case leaf && second && profile.IndexControl(e.Text) < 0:
			name := place(e.Path[1:depth-1], places) + "." + e.Name()
			if known := canonical(e.Name()); known != e.Name() {
				name = known
			}
			b.Set(strings.TrimPrefix(name, "."), e.Text, e.Line)
		case leaf && depth == 3 && profile.IndexControl(e.Text) < 0:
			b.Set(canonical(strings.ReplaceAll(e.Name(), "_", " ")), e.Text, e.Line)
		}
	})
	if err == nil && root != "VOIP_CONFIG_FILE" && !second {
		err = profile.Corrupt("the outermost element is neither VOIP_CONFIG_FILE nor sysConf: a web page, or a file of another vendor?")
	}
	return version, second, err
}

// place returns the name of an element by those around it. The second of equal ones
// beside each other has the number 2.
func place(path []string, places map[string]int) string {
	name := ""
	for i, segment := range path {
		if i > 0 {
			name += "."
		}
		name += segment
		if n := places[name]; n > 0 {
			name += strconv.Itoa(n + 1)
		}
	}
	return name
}

// known are the names of the settings that the firmware reads, without blanks and in
// lower case.
var known = func() map[string]string {
	names := map[string]string{}
	for _, p := range parameters {
		names[fold(p.Name)] = p.Name
	}
	return names
}()

func fold(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "")) }

// canonical returns the name of a setting that the firmware reads, in whatever form a
// file has it; other names stay as they are.
func canonical(name string) string {
	if n, ok := known[fold(name)]; ok {
		return n
	}
	return name
}

// form is what a file says beside its settings.
type form struct{ byDigest bool }

// opener returns how a file is read with a key, which may be empty. Encrypted files
// are the stand-in of FA-ENC-1: OpenSSL's container, AES-128-CBC by one round of MD5.
func opener(key, test string) func([]byte) *device.File {
	return func(body []byte) *device.File {
		if _, sealed := encrypt.Detect(body); sealed {
			plain, err := encrypt.AES128().Decrypt(nil, body, key)
			if key == "" || err != nil {
				return steps.Bad(resync.Corrupt, "the file is encrypted, and the file key does not open it")
			}
			body = plain
		}
		config, version, second, err := parse(body)
		if err != nil {
			return steps.Bad(resync.Corrupt, err.Error())
		}
		return &device.File{Config: config, Version: version, More: form{test == "digest" || test != "version" && second}}
	}
}

// changed reports whether a file is applied: its version is higher than the one
// before, or its digest differs (FA-CHG-1).
func changed(before string, f *device.File) bool {
	version, digest, remembered := strings.Cut(before, " ")
	how, _ := f.More.(form)
	if !remembered || f.Aside {
		return true
	}
	if how.byDigest {
		return digest != f.Digest
	}
	old, err1 := strconv.ParseFloat(version, 64)
	now, err2 := strconv.ParseFloat(f.Version, 64)
	if err1 != nil || err2 != nil {
		return version != f.Version
	}
	return now > old
}

// index is what an index of firmware says (FA-UP-2).
type index struct{ version, url string }

// openIndex reads an index of firmware.
func openIndex(body []byte) *device.File {
	var i index
	for text := string(body); text != ""; {
		var row string
		row, text = lines.Cut(text)
		name, value, _ := strings.Cut(strings.TrimSpace(row), "=")
		switch strings.TrimSpace(name) {
		case "Version":
			i.version = strings.TrimSpace(value)
		case "Firmware":
			i.url = strings.TrimSpace(value)
		}
	}
	if i.version == "" || i.url == "" || profile.IndexControl(i.version+i.url) >= 0 {
		return steps.Bad(resync.Corrupt, "the index has no lines Version= and Firmware=")
	}
	return &device.File{More: i}
}

// lint says what phones refuse of a file, by its content (FA-FMT-1).
func lint(file string, body []byte, table profile.Table) []profile.Finding {
	l := &steps.Linter{File: file, Known: table, Rule: "FA-FMT-2"}
	if _, sealed := encrypt.Detect(body); sealed {
		l.Add(0, 0, profile.Info, "FA-ENC-1", "the file is encrypted", "the vendor's own form is not public; this one is a stand-in")
		return l.Findings()
	}
	config, version, second, err := parse(body)
	if err != nil {
		l.Refused(err, "FA-FMT-2", "the phone takes nothing of it")
		return l.Findings()
	}
	if _, err := strconv.ParseFloat(version, 64); err != nil && !second {
		l.Add(1, 1, profile.Warning, "FA-CHG-1", "the version is no number", "the phone cannot tell whether it is higher, and takes any other version")
	}
	return l.Config(config, "FA-FMT-1")
}
