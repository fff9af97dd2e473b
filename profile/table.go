package profile

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"provsim/internal/nearest"
)

// Table lists the parameters that a vendor's phones know (FV-SET-3, FV-SET-4).
// It is immutable; the zero Table is empty.
type Table struct {
	list   []Parameter
	byName map[string]int
	byWeb  map[string]int // by name in lower case
}

// NewTable returns a table of the parameters in their order. Of two with the
// same name the first is found. The table keeps the list, so nothing else may change it.
func NewTable(list []Parameter) Table {
	t := Table{
		list:   list,
		byName: make(map[string]int, len(list)),
		byWeb:  make(map[string]int, len(list)),
	}
	for i, p := range slices.Backward(t.list) {
		t.byName[p.Name] = i
		if p.Web != "" {
			t.byWeb[strings.ToLower(p.Web)] = i
		}
	}
	return t
}

// Named returns the parameter that has the name in files.
func (t Table) Named(name string) (Parameter, bool) {
	i, ok := t.byName[name]
	if !ok {
		return Parameter{}, false
	}
	return t.list[i], true
}

// Value returns the stored value of a parameter by its name in files, or its default.
func (t Table) Value(c Config, name string) string {
	if value, ok := c.Get(name); ok {
		return value
	}
	p, _ := t.Named(name)
	return p.Default
}

// Changed returns the parameters that have another value in one of two
// configurations. Of those that the table does not know only the names are known.
func (t Table) Changed(a, b Config) (changed []Parameter) {
	if a == b {
		return nil
	}
	add := func(name string) {
		if t.Value(a, name) != t.Value(b, name) {
			p, _ := t.Named(name)
			p.Name = name
			changed = append(changed, p)
		}
	}
	for name := range a.All() {
		add(name)
	}
	for name := range b.All() {
		if _, both := a.Get(name); !both {
			add(name)
		}
	}
	return changed
}

// Find returns the parameter that a person means: by its name in files, or by
// its name on the web page in any case.
func (t Table) Find(name string) (Parameter, bool) {
	if i, ok := t.byWeb[strings.ToLower(name)]; ok {
		return t.list[i], true
	}
	return t.Named(name)
}

// First returns the first parameter of a type.
func (t Table) First(kind Type) (Parameter, bool) {
	i := slices.IndexFunc(t.list, func(p Parameter) bool { return p.Type == kind })
	if i < 0 {
		return Parameter{}, false
	}
	return t.list[i], true
}

// All yields the parameters in their order.
func (t Table) All() iter.Seq[Parameter] { return slices.Values(t.list) }

// Names returns the names in files, in order.
func (t Table) Names() []string {
	names := make([]string, len(t.list))
	for i, p := range t.list {
		names[i] = p.Name
	}
	return names
}

// Nearest returns the known name, in files or on the web page, that an unknown
// one was probably meant to be.
func (t Table) Nearest(name string) (string, bool) {
	known := t.Names()
	for _, p := range t.list {
		if p.Web != "" {
			known = append(known, p.Web)
		}
	}
	return nearest.Name(name, known)
}

// Rename returns the table with other names in files, given by names on the web
// page: most of the vendor's are not public, and a user may know better
// (FV-SET-3). It refuses a web name that the table does not know, a name that no
// file can have, and one that is taken.
func (t Table) Rename(files map[string]string) (Table, error) {
	list := slices.Clone(t.list)
	for web, name := range files {
		i, ok := t.byWeb[strings.ToLower(web)]
		switch {
		case !ok:
			return Table{}, fmt.Errorf("found web name %s, want one of the table's%s", Quote(web), t.meant(web))
		case badNameByte(name) >= 0:
			return Table{}, fmt.Errorf("name %s for %s: %s", Quote(name), web, badName)
		}
		list[i].Name = name
	}
	renamed := NewTable(list)
	for i, p := range list {
		if renamed.byName[p.Name] != i {
			return Table{}, fmt.Errorf("found %s twice, want a name of its own for each parameter", p.Name)
		}
	}
	return renamed, nil
}

func (t Table) meant(name string) string {
	if near, ok := t.Nearest(name); ok {
		return ", probably " + near
	}
	return ""
}
