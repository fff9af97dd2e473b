package fleet

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxScenario is how many bytes of YAML ParseScenario takes.
const MaxScenario = 1 << 20

// ParseScenario reads a scenario in YAML and holds it against what a run can do.
// The name is of the file, for errors. The reading is strict: keys must be known
// and appear once. The error is a *ScenarioError with all that is wrong.
func ParseScenario(name string, text []byte) (*Scenario, error) {
	found := &faults{}
	if len(text) > MaxScenario {
		found.add(Fault{File: name, Text: "found " + strconv.Itoa(len(text)) + " bytes, want at most " + strconv.Itoa(MaxScenario)})
		return nil, found.err()
	}
	root, fault := parseYAML(text)
	if fault != nil {
		fault.File = name
		found.add(*fault)
		return nil, found.err()
	}
	s := &Scenario{Server: DefaultServer()}
	d := &decoder{file: name, faults: found, at: map[string]*yaml.Node{}}
	d.document(root, s)
	if err := found.err(); err != nil {
		return nil, err
	}
	s.check(&checker{faults: found})
	for i := range found.list {
		d.locate(&found.list[i])
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// parseYAML returns the one value of a text.
func parseYAML(text []byte) (*yaml.Node, *Fault) {
	documents := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	switch err := documents.Decode(&root); {
	case errors.Is(err, io.EOF):
		return nil, &Fault{Text: "found nothing, want a scenario"}
	case err != nil:
		return nil, syntaxFault(err)
	}
	switch err := documents.Decode(&more); {
	case err == nil:
		return nil, &Fault{Line: more.Line, Column: more.Column, Text: "found a second document, want one scenario in a file"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxFault(err)
	}
	return root.Content[0], nil
}

// syntaxPlace finds the line in a message of the YAML parser, which has no other
// way to tell it.
var syntaxPlace = regexp.MustCompile(`^line (\d+): `)

func syntaxFault(err error) *Fault {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if m := syntaxPlace.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	return &Fault{Line: line, Text: "is no YAML: " + text}
}
