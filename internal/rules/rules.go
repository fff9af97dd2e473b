// Package rules has the behaviour rules that outputs, tests and documents cite by
// their IDs, such as FV-CFG-3: what each says, where it is written, and what it means
// for a server. The rules are data, a text file for each family; doc/rules.md is made
// of them.
package rules

import (
	"embed"
	"slices"
	"strings"
	"sync"
)

// Family is the rules that have one prefix.
type Family struct {
	Prefix string  `json:"prefix"`           // such as FV
	Vendor string  `json:"vendor,omitempty"` // whose phones behave so, by the name that users type; "" for a system that is no phone
	Title  string  `json:"title"`
	Groups []Group `json:"groups"`
}

// Group is the rules of a family about one thing.
type Group struct {
	ID    string `json:"id"` // such as FV-CFG
	Title string `json:"title"`
	Rules []Rule `json:"rules"`
}

// Rule is one statement about behaviour.
type Rule struct {
	ID      string   `json:"id"`
	Marks   []Mark   `json:"marks"`             // where it comes from, at least one
	Sources []string `json:"sources,omitempty"` // where it is written, with the place
	Says    string   `json:"says"`
	Means   string   `json:"means,omitempty"` // for a server; "" where there is nothing to do
}

// Mark says what a rule rests on.
type Mark string

// The marks.
const (
	Guide     Mark = "guide"      // the vendor's own document, which wins over all else
	Public    Mark = "documented" // other public documents, or servers that are written for these phones
	Parent    Mark = "parent"     // the firmware from which this one descends
	Reading   Mark = "reading"    // provsim's reading of a gap
	Own       Mark = "own"        // provsim's own definition
	Extension Mark = "extension"  // beyond the documents; off unless the rule says otherwise
	StandIn   Mark = "stand-in"   // takes the place of what is not public; real phones differ
)

// marks are the marks as the files have them.
var marks = map[string]Mark{"S": Guide, "D": Public, "P": Parent, "I": Reading, "O": Own, "E": Extension, "stand-in": StandIn}

// Has reports whether a rule has a mark.
func (r Rule) Has(m Mark) bool { return slices.Contains(r.Marks, m) }

// Basis is how far a rule is documented.
type Basis string

// The bases.
const (
	Whole Basis = "documented"
	Part  Basis = "partly"
	Gap   Basis = "reading"
	Ours  Basis = "own"
)

// Bases are all of them in their order.
var Bases = []Basis{Whole, Part, Gap, Ours}

// Basis returns how far the rule is documented.
func (r Rule) Basis() Basis {
	known := r.Has(Guide) || r.Has(Public) || r.Has(Parent)
	ours := r.Has(Reading) || r.Has(Own) || r.Has(Extension) || r.Has(StandIn)
	switch {
	case known && ours:
		return Part
	case known:
		return Whole
	case r.Has(Reading):
		return Gap
	}
	return Ours
}

// Rules returns all rules of a family in their order.
func (f Family) Rules() []Rule {
	var all []Rule
	for _, g := range f.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

//go:embed data/*.txt
var files embed.FS

// order is that of the files: the phones, then the systems that they meet.
var order = []string{"flyingvoice", "cisco-spa", "yealink", "flyingvoice-fip", "snom", "grandstream", "fanvil", "polycom", "audiocodes", "avaya", "gateway", "activator", "teleware", "device-manager", "agent", "ip-office", "ip-manager", "tunnel"}

// Families returns all families. They are shared, so nothing may change them.
func Families() []Family { return families() }

var families = sync.OnceValue(func() []Family {
	all := make([]Family, len(order))
	for i, name := range order {
		text, err := files.ReadFile("data/" + name + ".txt")
		if err == nil {
			all[i], err = Parse(string(text))
		}
		if err != nil {
			panic("rules: " + name + ": " + err.Error()) // a test reads all files
		}
	}
	return all
})

// Of returns the family of a vendor's phones.
func Of(vendor string) (Family, bool) {
	for _, f := range Families() {
		if f.Vendor == vendor {
			return f, true
		}
	}
	return Family{}, false
}

// Find returns what an ID in any case names: a family, a group of it, or a rule of
// that. The parts below what is named are zero. It reports false for an unknown ID.
func Find(id string) (f Family, g Group, r Rule, ok bool) {
	for _, f := range Families() {
		if strings.EqualFold(f.Prefix, id) {
			return f, Group{}, Rule{}, true
		}
		for _, g := range f.Groups {
			if strings.EqualFold(g.ID, id) {
				return f, g, Rule{}, true
			}
			for _, r := range g.Rules {
				if strings.EqualFold(r.ID, id) {
					return f, g, r, true
				}
			}
		}
	}
	return Family{}, Group{}, Rule{}, false
}

// IDs returns the IDs of all families, groups and rules.
func IDs() []string {
	var ids []string
	for _, f := range Families() {
		ids = append(ids, f.Prefix)
		for _, g := range f.Groups {
			if g.ID != f.Prefix {
				ids = append(ids, g.ID)
			}
			for _, r := range g.Rules {
				ids = append(ids, r.ID)
			}
		}
	}
	return ids
}
