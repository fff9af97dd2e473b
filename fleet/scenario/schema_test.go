package scenario

import (
	"bytes"
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"provsim/internal/fetch/model"
	"provsim/internal/yamlfile"
)

// The schema knows the same keys as the Go types, and none has no description.
func TestSchemaAgreesWithTheTypes(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	s := schemaWalk{t, root["$defs"].(map[string]any), map[reflect.Type]bool{}}
	s.object(root, reflect.TypeFor[Scenario](), "")
	for name := range s.defs {
		if !bytes.Contains(Schema(), []byte(`"#/$defs/`+name+`"`)) {
			t.Errorf("definition %s is not used", name)
		}
	}
}

type schemaWalk struct {
	t    *testing.T
	defs map[string]any
	seen map[reflect.Type]bool
}

func (s schemaWalk) object(node map[string]any, of reflect.Type, path string) {
	if s.seen[of] {
		return
	}
	s.seen[of] = true
	if node["additionalProperties"] != false {
		s.t.Errorf("%q takes any keys, want only those of %v", path, of)
	}
	properties, _ := node["properties"].(map[string]any)
	var keys []string
	for _, f := range yamlfile.Fields(of) {
		keys = append(keys, f.Key)
	}
	slices.Sort(keys)
	if diff := cmp.Diff(keys, slices.Sorted(maps.Keys(properties))); diff != "" {
		s.t.Errorf("%q has other keys than %v (-type +schema):\n%s", path, of, diff)
		return
	}
	for _, f := range yamlfile.Fields(of) {
		property := properties[f.Key].(map[string]any)
		if property["description"] == nil {
			s.t.Errorf("%s.%s has no description", path, f.Key)
		}
		s.value(property, of.FieldByIndex(f.Index).Type, path+"."+f.Key)
	}
}

func (s schemaWalk) value(node map[string]any, of reflect.Type, path string) {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if name, ok := node["$ref"].(string); ok {
		def, ok := s.defs[strings.TrimPrefix(name, "#/$defs/")].(map[string]any)
		if !ok {
			s.t.Errorf("%s: %s is not defined", path, name)
			return
		}
		node = def
	}
	_, text := reflect.New(of).Interface().(encoding.TextUnmarshaler)
	switch {
	case of == reflect.TypeFor[model.Dist]():
		s.object(node["anyOf"].([]any)[1].(map[string]any), of, path)
	case text:
	case of.Kind() == reflect.Struct:
		s.object(node, of, path)
	case of.Kind() == reflect.Slice:
		if node["type"] != "array" {
			s.t.Errorf("%s is %v, want an array", path, node["type"])
		}
		if items, ok := node["items"].(map[string]any); ok {
			s.value(items, of.Elem(), path+"[]")
		}
	}
}

// What the schema takes and refuses is what Parse does, as far as a
// schema can say.
func TestSchemaAgreesWithTheParser(t *testing.T) {
	schema := compiled(t)
	texts := map[string]bool{
		"devises: 7\n": false, "devices: many\n": false, "duration: 90\n": false, "population: {new: 30}\n": false, "events: 5\n": false,
		"events: [{at: 1s, reboot: {}, resync: {}}]\n": false, "events: [{power-cut: {}}]\n": false, "server: {http: {workers: 0}}\n": false,
		"phases: [{batch: 3}]\n": false, "sites: [{rate: fast}]\n": false, "server: {http: {resync: {mean: 1ms}}}\n": false,
		"{}\n": true, "sites: [{rate: 64k, loss: 0.5}]\n": true, "server: {http: {resync: 5ms, full: 503}}\n": true,
	}
	for _, e := range Examples() {
		texts[string(e.Text)] = true
	}
	for text, want := range texts {
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); (err == nil) != want {
			t.Errorf("schema on %.60q: %v", text, err)
		}
		if _, err := Parse("f", []byte(text)); (err == nil) != want {
			t.Errorf("Parse on %.60q: %v", text, err)
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	if schema.DraftVersion != 2020 {
		t.Errorf("the schema is of draft %d, want 2020-12", schema.DraftVersion)
	}
	return schema
}
