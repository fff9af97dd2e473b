package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"provsim/fleet"
)

// TestScenarioPage holds doc/scenario.md against the schema that it is made from.
func TestScenarioPage(t *testing.T) {
	holdPage(t, "scenario.md", schemaPage(t, fleet.Schema(), "Scenarios: every key",
		"[fleet.md](fleet.md) shows whole scenarios. Made from `fleet/scenario/schema.json`, which editors take,\n"+
			"by `go test ./cmd/provsim -run ScenarioPage -rewrite`."), "ScenarioPage")
}

// TestSummaryPage holds doc/summary.md against the schema that it is made from.
func TestSummaryPage(t *testing.T) {
	schema, err := os.ReadFile(filepath.Join("..", "..", "internal", "report", "summary.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	holdPage(t, "summary.md", schemaPage(t, schema, "summary.json: every member",
		"[outputs.md](outputs.md) lists the other files of a run. Made from `internal/report/summary.schema.json`\n"+
			"by `go test ./cmd/provsim -run SummaryPage -rewrite`."), "SummaryPage")
}

// schemaPage returns a JSON Schema as tables: the root's keys, then those of each
// definition that is an object, in the schema's order.
func schemaPage(t *testing.T, schema []byte, title, intro string) string {
	t.Helper()
	var root yaml.Node // JSON is YAML, and a node keeps the order of keys
	if err := yaml.Unmarshal(schema, &root); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", title, intro)
	object := func(node *yaml.Node) {
		fmt.Fprintf(&b, "\n| Key | Value | Meaning |\n|---|---|---|\n")
		rows(&b, "", node)
	}
	object(root.Content[0])
	for name, node := range members(root.Content[0], "$defs") {
		fmt.Fprintf(&b, "\n## %s\n", name)
		if says := text(node, "description"); says != "" {
			fmt.Fprintf(&b, "\n%s\n", escapeText(says))
		}
		for _, form := range append(list(node, "anyOf"), list(node, "oneOf")...) {
			if member(form, "properties") != nil {
				node = form
			}
		}
		if member(node, "properties") != nil {
			object(node)
		} else {
			fmt.Fprintf(&b, "\n%s\n", valueText(node))
		}
	}
	return b.String()
}

// rows writes a row for each key of an object, and below it those of an object or of
// a list of objects that it holds.
func rows(b *strings.Builder, prefix string, object *yaml.Node) {
	for name, property := range members(object, "properties") {
		row(b, code(prefix+name), valueText(property), escapeText(text(property, "description")))
		inner, mark := property, "."
		if items := member(property, "items"); items != nil {
			inner, mark = items, "[]."
		}
		rows(b, prefix+name+mark, inner)
	}
}

// valueText says what a key takes.
func valueText(node *yaml.Node) string {
	if ref := text(node, "$ref"); ref != "" {
		name := ref[strings.LastIndex(ref, "/")+1:]
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	}
	if items := member(node, "items"); items != nil {
		return "list of " + valueText(items)
	}
	var words []string
	for _, form := range append(list(node, "anyOf"), list(node, "oneOf")...) {
		if one := valueText(form); one != "" {
			words = append(words, one)
		}
	}
	for _, value := range list(node, "enum") {
		words = append(words, code(value.Value))
	}
	if len(words) > 0 {
		return strings.Join(words, ", ")
	}
	if value := text(node, "const"); value != "" {
		return code(value)
	}
	kind := text(node, "type")
	for _, one := range list(node, "type") {
		words = append(words, one.Value)
	}
	kind += strings.Join(words, ", ")
	if low, high := text(node, "minimum"), text(node, "maximum"); low+high != "" {
		switch {
		case high == "":
			kind += " from " + low
		case low == "":
			kind += " up to " + high
		default:
			kind += " from " + low + " to " + high
		}
	}
	return kind
}

func member(node *yaml.Node, key string) *yaml.Node {
	for i := 0; node != nil && node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// members yields the members of the object that a key holds.
func members(node *yaml.Node, key string) func(func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		object := member(node, key)
		for i := 0; object != nil && i+1 < len(object.Content); i += 2 {
			if !yield(object.Content[i].Value, object.Content[i+1]) {
				return
			}
		}
	}
}

func list(node *yaml.Node, key string) []*yaml.Node {
	if m := member(node, key); m != nil && m.Kind == yaml.SequenceNode {
		return m.Content
	}
	return nil
}

func text(node *yaml.Node, key string) string {
	if m := member(node, key); m != nil && m.Kind == yaml.ScalarNode {
		return m.Value
	}
	return ""
}
