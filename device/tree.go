package device

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"iter"
	"strings"

	"provsim/macro"
	"provsim/profile"
)

// Tree is what a good server has for the phones of a vendor. Labs, plans and checks
// make their files from it.
type Tree struct {
	// Files are tried in their order: the first whose class and name fit counts.
	Files []TreeFile
	// Prefix is how the names of settings in files begin; "": they differ.
	Prefix string
	// Vars are macros of the names, beside the vendor's own; nil: none.
	Vars func(Identity) macro.Vars
	// Sample are settings of a phone's own, as a sample of a file has them. Their values
	// have the vendor's macros.
	Sample []Setting
	// Write returns a configuration file with settings for all phones, and after them
	// settings of one phone. A format without a place for a version has it as a comment.
	Write func(version string, settings profile.Config, own []Setting) []byte
	// Pad fills a file up to a size in bytes with comments.
	Pad func(body []byte, size int) []byte
	// Example returns a whole configuration of a phone, with lines that come last and
	// win; nil: there is none.
	Example func(id Identity, version int, lines ...string) []byte
	// Sealed says that the phones open files that are encrypted with the key of their
	// rule.
	Sealed bool
}

// TreeFile is one file of a tree, or one that a good server does not have.
type TreeFile struct {
	Name    string // in the directory that the phones ask, with macros; "": any name
	Class   Class
	Missing bool   // rightly: phones ask for it and a good server does not have it
	Common  bool   // it has the settings of all phones
	Own     bool   // it has the settings of one phone
	Tail    string // what stands after the settings, such as the name of the next file
}

// File returns a file of the tree.
func (t *Tree) File(f *TreeFile, version string, settings profile.Config, own []Setting) []byte {
	return append(t.Write(version, settings, own), f.Tail...)
}

// Both yields what a [Tree].Write is given: settings for all phones, and after them
// settings of one phone.
func Both(settings profile.Config, own []Setting) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for name, value := range settings.All() {
			if !yield(name, value) {
				return
			}
		}
		for _, s := range own {
			if !yield(s.Name, s.Value) {
				return
			}
		}
	}
}

// TreeName returns the name of a file of the vendor's tree for a phone.
func (p *Personality) TreeName(f *TreeFile, id Identity) string {
	vars := p.Vars(id, Lease{})
	if p.Tree.Vars != nil {
		vars = either{p.Tree.Vars(id), vars}
	}
	return macro.Expand(f.Name, vars, p.Macros(nil))
}

// either has the variables of two.
type either [2]macro.Vars

// Lookup returns the value of a variable.
func (e either) Lookup(name string) (string, bool) {
	if value, ok := e[0].Lookup(name); ok {
		return value, true
	}
	return e[1].Lookup(name)
}

// TreeFile returns the number of the file that a phone asks for by a name, without
// directories. It is -1 where the tree does not know the name.
func (p *Personality) TreeFile(id Identity, class Class, name string) int {
	for i := range p.Tree.Files {
		f := &p.Tree.Files[i]
		if f.Class == class && (f.Name == "" || p.TreeName(f, id) == name) {
			return i
		}
	}
	return -1
}

// Own returns settings of a phone's own with their macros expanded.
func (p *Personality) Own(settings []Setting, vars macro.Vars) []Setting {
	own := make([]Setting, len(settings))
	for i, s := range settings {
		own[i] = Setting{Name: s.Name, Value: macro.Expand(s.Value, vars, p.Macros(nil))}
	}
	return own
}

// PadLines fills a file of lines up to a size with lines of '#'.
func PadLines(body []byte, size int) []byte {
	const line = "################################################################\n"
	for len(body) < size {
		body = append(body, line[max(0, len(line)-(size-len(body))):]...)
	}
	return body
}

// PadXML fills an XML file up to a size with a comment, or with line ends where there
// is no room for one.
func PadXML(body []byte, size int) []byte {
	const begin, end = "<!--", "-->\n"
	room := size - len(body)
	if room < len(begin)+len(end) {
		return append(body, strings.Repeat("\n", max(0, room))...)
	}
	return append(body, begin+strings.Repeat("#", room-len(begin)-len(end))+end...)
}

// WriteXML returns a file whose settings are elements inside of others, the outermost
// first. The text of an element is its value.
func WriteXML(inside []string, version string, settings profile.Config, own []Setting) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	fmt.Fprintf(&b, "<!-- version %s -->\n", strings.ReplaceAll(cmp.Or(version, "1"), "-", "."))
	for _, name := range inside {
		b.WriteString("<" + name + ">\n")
	}
	for name, value := range Both(settings, own) {
		b.WriteString("<" + name + ">")
		xml.EscapeText(&b, []byte(value)) // a bytes.Buffer takes all that is written
		b.WriteString("</" + name + ">\n")
	}
	for i := range inside {
		b.WriteString("</" + inside[len(inside)-1-i] + ">\n")
	}
	return b.Bytes()
}
