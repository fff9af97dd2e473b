package fleet

import (
	"encoding/json"
	"testing"

	"provsim/internal/testing/openapi"
)

// Every route of the API is described, every description has its route, and every
// reference leads somewhere.
func TestDescriptionIsWhole(t *testing.T) {
	page := &Page{config: Config{Stop: func() {}}}
	var routes []string
	for _, r := range page.routes() {
		routes = append(routes, r.Method+" "+r.Path)
	}
	d := openapi.Read(t, description)
	d.Describes(t, routes)
	d.Whole(t)
}

// What the API answers has the members of the schema, and no others.
func TestAnswersAreAsDescribed(t *testing.T) {
	s := start(t, "town").login()
	d := openapi.Read(t, description)
	var run, curves, devices, profile map[string]json.RawMessage
	for path, into := range map[string]*map[string]json.RawMessage{
		"/api/run": &run, "/api/curves": &curves, "/api/devices": &devices, "/api/devices/0021f2000000": &profile,
	} {
		s.json(path, into)
	}
	d.Fits(t, "Run", run)
	d.Fits(t, "Curves", curves)
	d.Fits(t, "Devices", devices)
	d.Fits(t, "Profile", profile)
	for schema, list := range map[string]json.RawMessage{"Step": curves["steps"], "Device": devices["devices"]} {
		var members []map[string]json.RawMessage
		if err := json.Unmarshal(list, &members); err != nil || len(members) == 0 {
			t.Fatalf("%s: found %s: %v", schema, list, err)
		}
		d.Fits(t, schema, members[0])
	}
	var states map[string]json.RawMessage
	if err := json.Unmarshal(run["states"], &states); err != nil {
		t.Fatal(err)
	}
	d.Fits(t, "States", states)
}
