package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"provsim/internal/report"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func summarySchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("summary.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("summary.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("summary.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// The schema knows every member that a summary can have, and no value that it
// cannot.
func TestSummaryFollowsItsSchema(t *testing.T) {
	schema := summarySchema(t)
	full := newMorning(200, 1)
	full.run.Machine = report.ThisMachine()
	full.run.Invalid = []string{"no ports left"}
	compared := full.results(t, "failed > 50%", "p99(dhcp) > 1m")
	var err error
	if compared.Against, err = report.Compare(compared, full.results(t)); err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(filepath.Join(written(t, full.results(t, "bans > 0")), "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"a run with everything": asJSON(t, compared),
		"a run with nothing":    asJSON(t, newMorning(0, 1).results(t)),
		"the file":              string(saved),
	} {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSchemaRefusesWhatNobodyWrites(t *testing.T) {
	schema := summarySchema(t)
	for what, edit := range map[string]func(map[string]any){
		"another format":      func(s map[string]any) { s["format"] = 2 },
		"an unknown member":   func(s map[string]any) { s["colour"] = "blue" },
		"no validity":         func(s map[string]any) { delete(s, "validity") },
		"a negative count":    func(s map[string]any) { s["counts"].(map[string]any)["boots"] = -1 },
		"a share over 1":      func(s map[string]any) { s["provisioned"].(map[string]any)["share"] = 1.5 },
		"a mark of no kind":   func(s map[string]any) { s["waves"].([]any)[0].(map[string]any)["kind"] = "tide" },
		"a time that is text": func(s map[string]any) { s["waves"].([]any)[0].(map[string]any)["t99"] = "4s" },
	} {
		var document map[string]any
		if err := json.Unmarshal([]byte(asJSON(t, newMorning(8, 1).results(t))), &document); err != nil {
			t.Fatal(err)
		}
		edit(document)
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		edited, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(edited) == nil {
			t.Errorf("%s: the schema takes it", what)
		}
	}
}
