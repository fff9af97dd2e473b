package polycom

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/profile/xml"
	"provsim/resync"
)

// The limits of a master file's attributes in bytes (PC-FILE-3).
const (
	mostPath = 255
	mostList = 2047
)

// master is what a master file says, with its brackets (PC-FILE-3).
type master struct {
	attributes map[string]string
	models     map[string]map[string]string // attributes of APPLICATION_<M>, by M
}

// settings of a master file that the emulator follows.
const (
	appPath     = "APP_FILE_PATH"
	configFiles = "CONFIG_FILES"
	miscFiles   = "MISC_FILES"
	logFolder   = "LOG_FILE_DIRECTORY"
	overFolder  = "OVERRIDES_DIRECTORY"
	contacts    = "CONTACTS_DIRECTORY"
	licences    = "LICENSE_DIRECTORY"
	callLists   = "CALL_LISTS_DIRECTORY"
	application = "APPLICATION"
	encryptMark = "Crypt="
)

// readMaster reads a master file.
func readMaster(body []byte) (*master, error) {
	if bytes.HasPrefix(body, []byte(encryptMark)) {
		return nil, profile.Corrupt("the master file is encrypted, which no phone takes (PC-FILE-3)")
	}
	m := &master{models: map[string]map[string]string{}}
	err := walk(body, func(e *xml.Element) {
		named := map[string]string{}
		for _, a := range e.Attributes {
			named[a.Name.Local] = a.Value
		}
		switch of, ok := strings.CutPrefix(e.Name(), application+"_"); {
		case len(e.Path) == 1 && e.Name() == application:
			m.attributes = named
		case len(e.Path) == 2 && ok && e.Path[0] == application:
			m.models[of] = named
		}
	})
	if err == nil && m.attributes == nil {
		err = profile.Corrupt("the root is not " + application)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// get returns an attribute as it is for a product (PC-FILE-4, PC-FILE-5).
func (m *master) get(name string, p *product, v macro.Vars) string {
	if m == nil {
		return ""
	}
	value, ok := m.models[p.model()][name+"_"+p.model()]
	if !ok {
		value = m.attributes[name]
	}
	value = macro.Expand(value, v, macro.Brackets)
	limit := mostPath
	if name == configFiles || name == miscFiles {
		limit = mostList
	}
	if len(value) > limit {
		return ""
	}
	return value
}

// list returns an attribute that is a list by commas.
func (m *master) list(name string, p *product, v macro.Vars) (names []string) {
	for entry := range strings.SplitSeq(m.get(name, p, v), ",") {
		if entry = strings.TrimSpace(entry); entry != "" && len(entry) <= mostPath {
			names = append(names, entry)
		}
	}
	return names
}

// walk visits the elements of a file, each when it ends. A document type is refused
// (PC-CFG-5).
func walk(body []byte, visit func(*xml.Element)) error {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return profile.ErrEmpty
	case bytes.Contains(body, []byte("<!DOCTYPE")) && !bytes.Contains(bytes.ToLower(body[:min(len(body), 1<<10)]), []byte("html")):
		return profile.Corrupt("the file has a document type (DTD), which the phone refuses")
	}
	return xml.Walk(body, visit)
}

// oneLine makes an attribute's value one line, as XML does (XML 1.0 section 3.3.3).
var oneLine = strings.NewReplacer("\n", " ", "\r", " ", "\t", " ")

// attribute is a parameter of a file and where it stands.
type attribute struct {
	name, value  string
	line, column int
}

// readAttributes reads the parameters of a file: the attributes with a dot in their
// name, of all elements, in the order of the document (PC-CFG-1).
func readAttributes(body []byte) ([]attribute, error) {
	var all []attribute
	html := false
	err := walk(body, func(e *xml.Element) {
		html = html || strings.EqualFold(e.Path[0], "html")
		for _, a := range e.Attributes {
			if name := a.Name.Local; strings.Contains(name, ".") {
				all = append(all, attribute{name, oneLine.Replace(a.Value), e.Line, e.Column})
			}
		}
	})
	if err == nil && html { // with status 200 (§10 of the specification)
		err = profile.Corrupt("this looks like HTML, such as a server's error page")
	}
	// Elements end in another order than they begin in.
	slices.SortStableFunc(all, func(a, b attribute) int { return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column)) })
	return all, err
}

// parseConfig reads a configuration file that is not encrypted. The first of equal
// names counts (PC-CFG-2).
func parseConfig(body []byte) (profile.Config, error) {
	all, err := readAttributes(body)
	if err != nil {
		return profile.Config{}, err
	}
	b := profile.Builder{FirstWins: true}
	for _, a := range all {
		b.Set(a.name, a.value, a.line)
	}
	return b.Config(), nil
}

// openMaster and the functions below return files as package steps wants them. What
// they have read is in More, because it is not applied file by file.
func openMaster(body []byte) *device.File {
	m, err := readMaster(body)
	if err != nil {
		return bad(err)
	}
	return &device.File{More: m}
}

// openConfig reads a configuration file that may be encrypted.
func openConfig(key string) func([]byte) *device.File {
	return func(body []byte) *device.File {
		body, err := open(body, key)
		if err != nil {
			return &device.File{Fault: device.Ending{Outcome: resync.BadKey, Note: err.Error()}}
		}
		config, err := parseConfig(body)
		if err != nil {
			return bad(err)
		}
		return &device.File{More: config}
	}
}

// openAny keeps nothing of a file but that it came.
func openAny([]byte) *device.File { return &device.File{} }

func bad(err error) *device.File {
	outcome := resync.Corrupt
	if errors.Is(err, profile.ErrEmpty) {
		outcome = resync.Empty
	}
	return &device.File{Fault: device.Ending{Outcome: outcome, Note: err.Error()}}
}

// image is what is known of an image by its head (PC-IMG-3).
type image struct{ product, version string }

// headSize is how much of an image makes its identity.
const headSize = 4096

// imageMagic is the first line of an image of the emulator's. Lines NAME=value follow
// up to an empty line.
const imageMagic = "provsim-image 1\n"

// openImage reads the head of an image.
func openImage(head []byte) *device.File {
	rest, ours := bytes.CutPrefix(head, []byte(imageMagic))
	if !ours {
		return &device.File{More: image{}}
	}
	header, _, ended := bytes.Cut(rest, []byte("\n\n"))
	var i image
	for line := range strings.Lines(string(header)) {
		switch name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "="); name {
		case "product":
			i.product = value
		case "version":
			i.version = value
		}
	}
	if !ended || i.version == "" {
		return &device.File{Fault: device.Ending{Outcome: resync.BadImage, Note: "the image's header has no end or no version"}}
	}
	return &device.File{More: i, Version: i.version}
}

// mark is what the phone remembers of a file: of an image its version where it has
// one, else the digest.
func mark(f *device.File) string {
	if i, ok := f.More.(image); ok && i.version != "" {
		return fmt.Sprintf("version %q", i.version)
	}
	return f.Digest
}
