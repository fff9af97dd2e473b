package phone

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"provsim/device"
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

func readDescription(t *testing.T) described {
	t.Helper()
	var d described
	if err := json.Unmarshal(description, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Every route of the API is described, and every description has its route.
func TestDescriptionHasEveryRoute(t *testing.T) {
	b := start(t, setup{without: true})
	routes := []string{"POST /api/login", "POST /api/logout", "GET /api/session"} // those of every site
	for _, r := range b.page.routes() {
		if strings.HasPrefix(r.Path, "/api/") {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	var told []string
	for path, operations := range readDescription(t).Paths {
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
}

// References within the description lead somewhere.
func TestDescriptionIsWhole(t *testing.T) {
	d := readDescription(t)
	for rest := string(description); ; {
		_, after, found := strings.Cut(rest, `"#/components/schemas/`)
		if !found {
			return
		}
		name, next, _ := strings.Cut(after, `"`)
		if _, there := d.Components.Schemas[name]; !there {
			t.Errorf("schema %s is not there", name)
		}
		rest = next
	}
}

// What the API answers has the members of the schema, and no others.
func TestAnswersAreAsDescribed(t *testing.T) {
	c := issue(t)
	b := start(t, setup{
		stored: device.Stored{Certificates: &c, Config: config(t, "DBID_RESYNC_RANDOM_DELAY=0", "DBID_OTHER=1")},
		lease:  device.Lease{Option66: "192.0.2.1"}, body: "DBID_DBASE_VERSION=1\n", without: true,
	})
	b.wait(device.AppliedFile)
	b.wait(device.Leased)
	b.login()
	d := readDescription(t)
	var status map[string]json.RawMessage
	var settings struct{ Settings, Parameters []map[string]json.RawMessage }
	var certificates struct{ Certificates []map[string]json.RawMessage }
	for path, into := range map[string]any{"/api/status": &status, "/api/settings": &settings, "/api/certificates": &certificates} {
		if err := json.Unmarshal([]byte(mustGet(b, path)), into); err != nil {
			t.Fatal(err)
		}
	}
	var jobs []map[string]json.RawMessage
	if err := json.Unmarshal(status["jobs"], &jobs); err != nil || len(jobs) == 0 {
		t.Fatalf("the status has jobs %s: %v", status["jobs"], err)
	}
	d.fits(t, "Status", status)
	d.fits(t, "Job", jobs[0])
	d.fits(t, "Setting", settings.Settings[0])
	d.fits(t, "Parameter", settings.Parameters[0])
	for _, c := range certificates.Certificates {
		d.fits(t, "Certificate", c)
	}
	var records struct{ Records []map[string]any }
	if err := json.Unmarshal([]byte(mustGet(b, "/api/journal")), &records); err != nil || records.Records[0]["event"] != "lease" {
		t.Errorf("the journal begins with %v: %v", records.Records, err)
	}
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
