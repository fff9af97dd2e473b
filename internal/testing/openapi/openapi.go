// Package openapi compares a web page's API with its description, for tests: read
// openapi.json by [Read], then check whether it has the page's routes, whether its
// references resolve, and whether an answer fits a schema.
package openapi

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Description is what the tests read of openapi.json.
type Description struct {
	Paths map[string]map[string]struct {
		OperationID string                     `json:"operationId"`
		Responses   map[string]json.RawMessage `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]struct {
			Properties map[string]json.RawMessage `json:"properties"`
			Required   []string                   `json:"required"`
		} `json:"schemas"`
	} `json:"components"`
	text string
}

// Read reads a description, and ends the test where it is not valid.
func Read(t testing.TB, text []byte) *Description {
	t.Helper()
	d := &Description{text: string(text)}
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Describes checks that each route, such as "GET /api/run", is described, and that
// nothing else is. Paths outside of /api/ need no description; the routes of
// every site are added.
func (d *Description) Describes(t testing.TB, routes []string) {
	t.Helper()
	want := []string{"POST /api/login", "POST /api/logout", "GET /api/session"}
	for _, r := range routes {
		if _, path, _ := strings.Cut(r, " "); strings.HasPrefix(path, "/api/") {
			want = append(want, r)
		}
	}
	var told []string
	for path, operations := range d.Paths {
		for method, o := range operations {
			told = append(told, strings.ToUpper(method)+" "+path)
			if o.OperationID == "" || len(o.Responses) < 2 {
				t.Errorf("%s %s lacks a name or responses", method, path)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(told)
	if !slices.Equal(want, told) {
		t.Errorf("the routes are\n%q\nand described are\n%q", want, told)
	}
}

// Whole checks that every reference within the description leads somewhere.
func (d *Description) Whole(t testing.TB) {
	t.Helper()
	for i, rest := range strings.Split(d.text, `"#/components/schemas/`) {
		name, _, _ := strings.Cut(rest, `"`)
		if _, there := d.Components.Schemas[name]; i > 0 && !there {
			t.Errorf("schema %s is not there", name)
		}
	}
}

// Fits checks that a value has the members of a schema, and no others.
func (d *Description) Fits(t testing.TB, schema string, value map[string]json.RawMessage) {
	t.Helper()
	s := d.Components.Schemas[schema]
	for member := range value {
		if _, there := s.Properties[member]; !there {
			t.Errorf("%s has no member %s", schema, member)
		}
	}
	for _, member := range s.Required {
		if _, there := value[member]; !there {
			t.Errorf("%s lacks the member %s: %v", schema, member, value)
		}
	}
}
