// Package xml reads configuration files of elements. A [Grammar] says where a
// vendor's settings stand: as the text of an element, as attributes, or as items
// whose attribute is the name. [Grammar.Parse] reads a whole file as a phone does;
// [Walk] visits each element, for those who need flags or check files.
//
// A file is at most [MaxSize] bytes, [MaxDepth] elements deep, and has at most
// [MaxElements] of them; what has more is corrupt. Bytes of a file appear in no
// error.
package xml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"provsim/profile"
)

// The limits of a file.
const (
	MaxSize     = 4 << 20 // bytes
	MaxDepth    = 32      // elements around an element, itself included
	MaxElements = 20_000
)

// Shape says where settings stand.
type Shape uint8

// The shapes.
const (
	Text       Shape = iota // <NAME>value</NAME>
	Attributes              // <any NAME="value"/>
	Items                   // <item name="NAME">value</item>
)

// Grammar is where a vendor's files have their settings.
type Grammar struct {
	Shape Shape
	// Roots are the elements whose children are settings, or that the file begins
	// with; none: any element. What stands beside them is ignored.
	Roots []string
	// Item and Name are the element of a setting and the attribute with its name, for
	// the shape Items.
	Item, Name string
	FirstWins  bool // the first of equal names counts, not the last
}

// Element is one element and what it holds.
type Element struct {
	// Path is the names of the elements around it, the outermost first, and its own
	// name last. It is valid until the next element.
	Path       []string
	Attributes []xml.Attr
	Text       string // directly inside it, without the blanks and line ends around
	Line       int    // of its start tag, counted from 1
	Column     int    // in bytes, counted from 1
}

// Name returns the element's own name.
func (e *Element) Name() string { return e.Path[len(e.Path)-1] }

// Attribute returns the value of an attribute, and false where there is none.
func (e *Element) Attribute(name string) (string, bool) {
	for _, a := range e.Attributes {
		if a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

// Parse reads a file. A file that is not well formed, or that has none of the
// roots, gives [profile.ErrEmpty] or [profile.ErrCorrupt] and nothing else: a
// file of elements is taken as a whole or not at all.
func (g *Grammar) Parse(body []byte) (profile.Config, error) {
	if len(bytes.TrimLeft(body, "\ufeff\r\n\t ")) == 0 {
		return profile.Config{}, profile.ErrEmpty
	}
	b := profile.Builder{FirstWins: g.FirstWins}
	rooted := len(g.Roots) == 0
	err := Walk(body, func(e *Element) {
		inside := len(g.Roots) == 0 || slices.ContainsFunc(e.Path[:len(e.Path)-1], g.isRoot)
		rooted = rooted || g.isRoot(e.Name())
		switch {
		case g.Shape == Attributes && (inside || g.isRoot(e.Name())):
			for _, a := range e.Attributes {
				b.Set(a.Name.Local, a.Value, e.Line)
			}
		case g.Shape == Items && inside && e.Name() == g.Item:
			if name, ok := e.Attribute(g.Name); ok && name != "" {
				b.Set(name, e.Text, e.Line)
			}
		case g.Shape == Text && len(e.Path) > 1 && (len(g.Roots) == 0 || g.isRoot(e.Path[len(e.Path)-2])):
			b.Set(e.Name(), e.Text, e.Line)
		}
	})
	switch {
	case err != nil:
		return profile.Config{}, err
	case !rooted:
		return profile.Config{}, profile.Corrupt("the file has no element " + strings.Join(g.Roots, " or ") + notRoot(body))
	}
	return b.Config(), nil
}

func (g *Grammar) isRoot(name string) bool { return slices.Contains(g.Roots, name) }

// notRoot says what a well-formed file with another root is.
func notRoot(body []byte) string {
	head := bytes.ToLower(body[:min(len(body), 1<<10)])
	if bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html")) {
		return ": this looks like HTML, such as a server's error page"
	}
	return ""
}

// Walk visits each element of a file when it ends. The error is a
// [profile.ErrCorrupt].
func Walk(body []byte, visit func(*Element)) error {
	if len(body) > MaxSize {
		return profile.Corrupt(fmt.Sprintf("the file has %d bytes, want at most %d", len(body), MaxSize))
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, "\ufeff\r\n\t "), []byte("<")) {
		what := profile.Foreign(body)
		if what == "" {
			what = `the first character is not "<"`
		}
		return profile.Corrupt("the file is not XML: " + what)
	}
	w := walker{body: bytes.TrimPrefix(body, []byte("\ufeff")), visit: visit}
	w.decoder = xml.NewDecoder(bytes.NewReader(w.body))
	w.decoder.CharsetReader = charset
	for {
		line, column := w.decoder.InputPos()
		token, err := w.decoder.Token()
		switch {
		case err == io.EOF && len(w.open) == 0:
			return nil
		case err != nil:
			return w.corrupt(err)
		}
		if err := w.token(token, line, column); err != nil {
			return err
		}
	}
}

type walker struct {
	body    []byte
	decoder *xml.Decoder
	visit   func(*Element)
	open    []Element // the path to where the walker is
	texts   [][]byte  // of the open elements
	path    []string
	count   int
}

func (w *walker) token(token xml.Token, line, column int) error {
	switch t := token.(type) {
	case xml.StartElement:
		if w.count++; w.count > MaxElements {
			return profile.Corrupt(fmt.Sprintf("the file has more than %d elements", MaxElements))
		}
		if len(w.open) == MaxDepth {
			return profile.Corrupt(fmt.Sprintf("the file has more than %d elements in each other", MaxDepth))
		}
		w.path = append(w.path, t.Name.Local)
		w.open = append(w.open, Element{Attributes: slices.Clone(t.Attr), Line: line, Column: column})
		w.texts = append(w.texts, nil)
	case xml.CharData:
		if last := len(w.open) - 1; last >= 0 {
			w.texts[last] = append(w.texts[last], t...)
		}
	case xml.EndElement:
		last := len(w.open) - 1
		e := w.open[last]
		e.Path, e.Text = w.path, strings.Trim(string(w.texts[last]), " \t\r\n")
		w.visit(&e)
		w.open, w.texts, w.path = w.open[:last], w.texts[:last], w.path[:last]
	}
	return nil
}

// reasons are what encoding/xml says without the bytes of the file.
var reasons = []struct{ part, says string }{
	{"unexpected EOF", "the file ends inside an element"},
	{"closed by", "an element is closed by the end tag of another"},
	{"unexpected end element", "found an end tag without its start tag"},
	{"invalid character entity", "found '&' that begins no known reference, want &amp; for the character"},
	{"illegal character", "found a control character"},
	{"invalid UTF-8", "found a byte that is not UTF-8"},
	{"attribute", "found an attribute that is not NAME=\"value\""},
}

func (w *walker) corrupt(err error) error {
	line, _ := w.decoder.InputPos()
	says := "found markup that is not well formed"
	var wrong *xml.SyntaxError
	if errors.As(err, &wrong) {
		line = wrong.Line
	}
	for _, r := range reasons {
		if strings.Contains(err.Error(), r.part) {
			says = r.says
			break
		}
	}
	if errors.Is(err, errCharset) {
		says = "found an encoding other than UTF-8, ISO-8859-1 and US-ASCII"
	}
	return profile.CorruptAt(line, fmt.Sprintf("the file is not XML: line %d: %s", line, says)+notRoot(w.body))
}

var errCharset = errors.New("unknown encoding")

// charset reads the encodings that old files declare.
func charset(label string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "us-ascii", "ascii":
		return input, nil
	case "iso-8859-1", "latin1", "windows-1252":
		body, err := io.ReadAll(input)
		if err != nil {
			return nil, err
		}
		var b strings.Builder
		for _, c := range body {
			b.WriteRune(rune(c))
		}
		return strings.NewReader(b.String()), nil
	}
	return nil, errCharset
}
