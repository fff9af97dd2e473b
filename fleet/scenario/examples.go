package scenario

import (
	"embed"
	"path"
	"strings"
)

//go:embed examples/*.yaml
var scenarios embed.FS

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of a scenario's YAML form, for
// editors.
func Schema() []byte { return append([]byte(nil), schema...) }

// Example is a scenario that comes with the package.
type Example struct {
	Name string // such as power-cut
	Text []byte // in YAML; its comments say what there is to learn
}

// Examples lists the scenarios that come with the package, by name.
func Examples() []Example {
	entries, err := scenarios.ReadDir("examples")
	if err != nil { // the folder is part of the program
		return nil
	}
	var list []Example
	for _, e := range entries {
		text, err := scenarios.ReadFile(path.Join("examples", e.Name()))
		if err == nil {
			list = append(list, Example{strings.TrimSuffix(e.Name(), ".yaml"), text})
		}
	}
	return list
}

// FindExample returns the example of that name.
func FindExample(name string) (Example, bool) {
	for _, e := range Examples() {
		if e.Name == name {
			return e, true
		}
	}
	return Example{}, false
}
