package files

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"provsim/encrypt"
)

// A content is a file's text as far as its format is known: provisioning systems
// serve files for phones of many vendors.
type content struct {
	format    string // for people, such as "XML, gs_provision"; empty: not known
	own       bool   // the phones of these checks read it
	encrypted bool   // encrypted
	settings  []setting
}

type setting struct{ name, value string }

// unknownFormat is what findings call a format without a name.
const unknownFormat = "of an unknown format"

// open reports whether settings can be read without a key.
func (c content) open() bool { return len(c.settings) > 0 && !c.encrypted }

// String says which format it is, after "the file is".
func (c content) String() string {
	if c.format == "" {
		return unknownFormat
	}
	return "in the format " + c.format
}

// mostSettings is how many settings of a file are looked at, and how many lines.
const mostSettings = 10_000

// recognise reads a file of any of the common formats.
func recognise(body []byte) content {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	text := bytes.TrimSpace(body)
	if name, encrypted := encrypt.Detect(body); encrypted {
		return content{format: name, encrypted: true}
	}
	switch {
	case len(text) == 0 || bytes.IndexByte(body, 0) >= 0:
		return content{}
	case text[0] == '<':
		return readXML(text)
	case text[0] == '{' || text[0] == '[' && json.Valid(text):
		return readJSON(text)
	}
	return readLines(body)
}

// readXML takes elements without elements, and attributes, for settings: Cisco and
// Linksys, Grandstream and Snom write the former, Polycom the latter.
func readXML(text []byte) content {
	var (
		c    = content{}
		open []string
		leaf strings.Builder
	)
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.Strict = false
	for len(c.settings) < mostSettings {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			if c.format == "" {
				c.format = "XML, " + t.Name.Local
			}
			open = append(open, t.Name.Local)
			leaf.Reset()
			for _, a := range t.Attr {
				c.settings = append(c.settings, setting{a.Name.Local, a.Value})
			}
		case xml.CharData:
			leaf.Write(t)
		case xml.EndElement:
			if value := strings.TrimSpace(leaf.String()); len(open) > 0 && value != "" {
				c.settings = append(c.settings, setting{open[len(open)-1], value})
			}
			open, leaf = open[:max(0, len(open)-1)], strings.Builder{}
		}
	}
	if root := strings.ToLower(c.format); root == "xml, html" {
		return content{format: "HTML"} // a page has no settings
	}
	return c
}

// readJSON takes what is no list and no object for a setting.
func readJSON(text []byte) content {
	var value any
	if json.Unmarshal(text, &value) != nil {
		return content{}
	}
	c := content{format: "JSON"}
	c.add("", value)
	return c
}

func (c *content) add(name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			c.add(key, inner)
		}
	case []any:
		for _, inner := range v {
			c.add(name, inner)
		}
	case nil:
	default:
		c.settings = append(c.settings, setting{name, fmt.Sprint(v)})
	}
}

// longestLine is how many bytes of a line are looked at.
const longestLine = 4096

// assignment is a line such as "account.1.password = x", "P34=x" or "pin: 1234".
var assignment = form(`^\s*(?:set\s+)?"?([A-Za-z_][\w.\-/\[\]@%]*)"?\s*[=:]\s*(.*?)\s*$`)

// pNumber is the name of a setting of Grandstream.
var pNumber = form(`^P[0-9]+$`)

// form compiles a pattern when it is first asked for.
func form(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// readLines takes lines with a name and a value for settings, where most lines are
// such lines, comments, headings or blank.
func readLines(body []byte) content {
	c, other, numbered := content{format: "key = value"}, 0, 0
	for line := range bytes.Lines(body) {
		text := strings.TrimSpace(string(line[:min(len(line), longestLine)]))
		if text == "" || strings.ContainsRune("#;/[<", rune(text[0])) {
			continue
		}
		if len(c.settings)+other >= mostSettings {
			break
		}
		parts := assignment().FindStringSubmatch(text)
		if parts == nil {
			other++
			continue
		}
		if _, ok := known.Named(parts[1]); ok {
			c.own = true
		}
		if pNumber().MatchString(parts[1]) {
			numbered++
		}
		c.settings = append(c.settings, setting{parts[1], strings.Trim(parts[2], `"'`)})
	}
	switch {
	case c.own:
		c.format = "DBID"
	case len(c.settings) == 0 || other > len(c.settings):
		return content{}
	case bytes.HasPrefix(body, []byte("#!version:")):
		c.format = "Yealink"
	case numbered == len(c.settings):
		c.format = "Grandstream"
	}
	return c
}

var (
	// secretName finds names of settings that hold a secret, whatever the vendor.
	secretName = form(`(?i)passw(or)?d|passphrase|passwort|secret|(^|[._\-\d])(user_?)?(pass|pwd|pin)([._\-\d]|$)|(auth|user|sip)(pass|pwd|pin)([._\-\d]|$)`)
	// noSecretName finds names that are about secrets and hold none.
	noSecretName = form(`(?i)enable|mode|polic|length|type|prompt|show|hide|display|expir|change|allow|require|label|url`)
	// noSecret finds values that are no secrets: switches, and marks in place of a secret.
	noSecret = form(`(?i)^(|na|n/a|none|null|true|false|yes|no|on|off|[01]|\*+|x{3,})$`)
)

// grandstream are the P numbers that hold passwords: of the administrator, the user,
// the accounts, and the key of encrypted files.
var grandstream = []string{"P2", "P196", "P34", "P406", "P506", "P606", "P1706", "P1806", "P1359"}

// secrets returns the names of settings whose value is a secret in the clear.
func (c content) secrets() (names []string) {
	for _, s := range c.settings {
		named := secretName().MatchString(s.name) && !noSecretName().MatchString(s.name) || slices.Contains(grandstream, s.name)
		if named && !noSecret().MatchString(s.value) && !slices.Contains(names, s.name) {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return names
}
