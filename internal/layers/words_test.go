package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"provsim/device/vendors"
)

// ofOneVendor says which places above the table of vendors are about the phones of one
// vendor, and why.
var ofOneVendor = map[string]string{
	"cmd/provsim/demo":            "the demo's stories are about phones of certain vendors",
	"cmd/provsim/servemanager.go": "the manager is a vendor's own",
	"conform/internal/files":      "checks of the content of a vendor's files",
	"conform/internal/ipoffice":   "an IP Office unit is the file server of a vendor's phones",
	"conform/internal/testing/":   "the good server of these checks has such files",
	"conform/internal/vendor":     "checks of what a vendor's phones stumble over",
	"internal/role/":              "the systems around the phones are vendors' own",
}

// Above the table of vendors stand no names of a vendor's own settings, and no name of
// a vendor as users type it: all of that is in its personality.
func TestNoVendorsWordsAboveTheTable(t *testing.T) {
	settings, names := map[string]string{}, map[string]bool{}
	for _, p := range vendors.All() {
		names[p.Name] = true
		if p.Tree != nil && p.Tree.Prefix != "" {
			settings[p.Tree.Prefix] = p.Name
		}
		for q := range p.Parameters.All() {
			if strings.ContainsAny(q.Name, "_./") {
				settings[q.Name] = p.Name
			}
		}
	}
	for pkg, files := range packages(t) {
		if layers[pkg] < layers[vendorTable] || pkg == vendorTable {
			continue
		}
		for _, file := range files {
			if isOfOneVendor(strings.TrimPrefix(file, "../../")) {
				continue
			}
			ast.Inspect(parse(t, file, parser.SkipObjectResolution), func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				if names[text] {
					t.Errorf("%s has the vendor %q: what holds for its phones alone belongs into its personality", file, text)
				}
				for name, vendor := range settings {
					if strings.Contains(text, name) {
						t.Errorf("%s has %s, a word of %s: it belongs into the vendor's personality", file, name, vendor)
					}
				}
				return true
			})
		}
	}
}

func isOfOneVendor(file string) bool {
	for place := range ofOneVendor {
		if strings.HasPrefix(file, place) {
			return true
		}
	}
	return false
}

// A place that is no more has no exception either.
func TestExceptionsAreInUse(t *testing.T) {
	for place := range ofOneVendor {
		used := false
		for _, files := range packages(t) {
			for _, file := range files {
				used = used || strings.HasPrefix(strings.TrimPrefix(file, "../../"), place)
			}
		}
		if !used {
			t.Errorf("%s is listed and not there", place)
		}
	}
}
