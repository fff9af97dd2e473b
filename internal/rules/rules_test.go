package rules

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each file is in the order, each rule is found, and its number is one above that of
// the rule before it.
func TestRulesAreWhole(t *testing.T) {
	names, err := fs.Glob(files, "data/*.txt")
	if err != nil || len(names) != len(order) {
		t.Errorf("%d files, want the %d of the order: %v", len(names), len(order), err)
	}
	seen := map[string]bool{}
	for _, f := range Families() {
		if len(f.Rules()) == 0 {
			t.Errorf("%s has no rule", f.Prefix)
		}
		for _, r := range f.Rules() {
			if seen[r.ID] {
				t.Errorf("%s stands there twice", r.ID)
			}
			seen[r.ID] = true
			if !strings.HasSuffix(r.Says, ".") || r.Means != "" && !strings.HasSuffix(r.Means, ".") {
				t.Errorf("%s is no whole sentence", r.ID)
			}
			if r.Has(Public) && len(r.Sources) == 0 {
				t.Errorf("%s is documented and names no document", r.ID)
			}
			if _, _, found, ok := Find(strings.ToLower(r.ID)); !ok || found.ID != r.ID {
				t.Errorf("%s is not found", r.ID)
			}
		}
	}
}

// cited is an ID in a text: those of families with groups, and those of TW, which has
// none.
var cited = regexp.MustCompile(`\b([A-Z]{2,4}-[A-Z]+|TW)-[0-9]+[a-z]?\b`)

// Every rule ID in the project's code, scripts and documents resolves, so that none
// in an output leads nowhere.
func TestCitedRulesResolve(t *testing.T) {
	known := map[string]bool{}
	for _, f := range Families() {
		for _, r := range f.Rules() {
			known[r.ID] = true
		}
	}
	root, count := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || !slices.Contains([]string{".go", ".md", ".txt", ".yaml", ".html"}, filepath.Ext(file)):
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, id := range cited.FindAllString(string(text), -1) {
			switch {
			case known[id]:
				count++
			case !otherNames.MatchString(id):
				t.Errorf("%s cites %s, which is no rule", file, id)
			}
		}
		return nil
	})
	if err != nil || count == 0 {
		t.Fatalf("%d citations: %v", count, err)
	}
}

// otherNames are names that look like IDs: an algorithm, a host, and what the tests of this
// package make up.
var otherNames = regexp.MustCompile(`^(HMAC-SHA-[0-9]+|WIN-LAB-[0-9]+|XX-[AB]-1)$`)

func TestParseRefuses(t *testing.T) {
	const head = "# XX: title\n@D a document\n\n## A: group\n\n"
	if f, err := Parse(head + "XX-A-1 [D, I] D page 3; other\nIt says.\n> It means.\n"); err != nil || f.Groups[0].Rules[0].Sources[0] != "a document, page 3" {
		t.Errorf("a good text is %+v, error %v", f, err)
	}
	for text, want := range map[string]string{
		"XX: title":                                     "line 1: ",
		head + "XX-B-1 [D]\nIt says.\n":                 "a rule of the group",
		head + "XX-A-1 [Q]\nIt says.\n":                 "marks of",
		head + "XX-A-1 [D]\n\n":                         "what the rule says",
		head + "XX-A-1 [D]":                             "XX-A-1 says nothing",
		head + "XX-A-1 [D]\nIt says.\nAnd more.\n":      "a sentence",
		head + "XX-A-1 [D]\nIt says.\n> It\n> means.\n": "a sentence",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
