package fleet

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// described are the parts of openapi.json that the tests read.
type described struct {
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
}

func readDescription(t *testing.T) (d described) {
	t.Helper()
	if err := json.Unmarshal(description, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Every route of the API is described, every description has its route, and every
// reference leads somewhere.
func TestDescriptionIsWhole(t *testing.T) {
	page := &Page{config: Config{Stop: func() {}}}
	routes := []string{"POST /api/login", "POST /api/logout", "GET /api/session"} // those of every site
	for _, r := range page.routes() {
		if strings.HasPrefix(r.Path, "/api/") {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	d := readDescription(t)
	var told []string
	for path, operations := range d.Paths {
		for method, o := range operations {
			told = append(told, strings.ToUpper(method)+" "+path)
			if o.OperationID == "" || len(o.Responses) < 2 {
				t.Errorf("%s %s lacks a name or responses", method, path)
			}
		}
	}
	slices.Sort(routes)
	slices.Sort(told)
	if !slices.Equal(routes, told) {
		t.Errorf("the routes are\n%q\nand described are\n%q", routes, told)
	}
	for i, rest := range strings.Split(string(description), `"#/components/schemas/`) {
		name, _, _ := strings.Cut(rest, `"`)
		if _, there := d.Components.Schemas[name]; i > 0 && !there {
			t.Errorf("schema %s is not there", name)
		}
	}
}

// What the API answers has the members of the schema, and no others.
func TestAnswersAreAsDescribed(t *testing.T) {
	s := start(t, "town").login()
	d := readDescription(t)
	var run, curves, devices, profile map[string]json.RawMessage
	for path, into := range map[string]*map[string]json.RawMessage{
		"/api/run": &run, "/api/curves": &curves, "/api/devices": &devices, "/api/devices/0021f2000000": &profile,
	} {
		s.json(path, into)
	}
	d.fits(t, "Run", run)
	d.fits(t, "Curves", curves)
	d.fits(t, "Devices", devices)
	d.fits(t, "Profile", profile)
	for schema, list := range map[string]json.RawMessage{"Step": curves["steps"], "Device": devices["devices"]} {
		var members []map[string]json.RawMessage
		if err := json.Unmarshal(list, &members); err != nil || len(members) == 0 {
			t.Fatalf("%s: found %s: %v", schema, list, err)
		}
		d.fits(t, schema, members[0])
	}
	var states map[string]json.RawMessage
	if err := json.Unmarshal(run["states"], &states); err != nil {
		t.Fatal(err)
	}
	d.fits(t, "States", states)
}

func (d described) fits(t *testing.T, schema string, value map[string]json.RawMessage) {
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
