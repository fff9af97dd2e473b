package phone

import (
	"encoding/json"
	"testing"

	"provsim/device"
	"provsim/internal/testing/openapi"
)

// Every route of the API is described, every description has its route, and every
// reference leads somewhere.
func TestDescriptionIsWhole(t *testing.T) {
	b := start(t, setup{without: true})
	var routes []string
	for _, r := range b.page.routes() {
		routes = append(routes, r.Method+" "+r.Path)
	}
	d := openapi.Read(t, description)
	d.Describes(t, routes)
	d.Whole(t)
}

// What the API answers has the members of the schema, and no others.
func TestAnswersAreAsDescribed(t *testing.T) {
	c := issue(t)
	b := start(t, setup{
		stored: device.Stored{Certificates: &c, Config: config(t, "DBID_RESYNC_RANDOM_DELAY=0", "DBID_OTHER=1")},
		lease:  device.Lease{Offer: device.TextOffer(66, "192.0.2.1")}, body: "DBID_DBASE_VERSION=1\n", without: true,
	})
	b.wait(device.AppliedFile)
	b.wait(device.Leased)
	b.login()
	d := openapi.Read(t, description)
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
	d.Fits(t, "Status", status)
	d.Fits(t, "Job", jobs[0])
	d.Fits(t, "Setting", settings.Settings[0])
	d.Fits(t, "Parameter", settings.Parameters[0])
	for _, c := range certificates.Certificates {
		d.Fits(t, "Certificate", c)
	}
	var records struct{ Records []map[string]any }
	if err := json.Unmarshal([]byte(mustGet(b, "/api/journal")), &records); err != nil || records.Records[0]["event"] != "lease" {
		t.Errorf("the journal begins with %v: %v", records.Records, err)
	}
}
