package check

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"provsim/internal/nearest"
)

// maxTargetFile is the largest target file and PEM file, in bytes.
const maxTargetFile = 1 << 20

// ReadTarget reads a target file: YAML with the keys of [Target], none other
// and none twice. Names of files in it are relative to its folder. An error
// says the line and the column.
func ReadTarget(file string) (*Target, error) {
	text, err := readLimited(file)
	if err != nil {
		return nil, err
	}
	t, err := ParseTarget(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", file, err)
	}
	return t, t.load(filepath.Dir(file))
}

// ParseTarget reads the text of a target file and opens no others: what is no
// PEM text stays the name of a file.
func ParseTarget(text []byte) (*Target, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf(" %w", err)
	}
	t := &Target{}
	if len(doc.Content) == 0 {
		return t, nil
	}
	return t, fill(doc.Content[0], reflect.ValueOf(t).Elem())
}

// fill puts a YAML node into a value, strictly.
func fill(node *yaml.Node, into reflect.Value) error {
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		return at(node, "an anchor or alias, want the value itself")
	case isLeaf(into):
		if node.Kind != yaml.ScalarNode {
			return at(node, "a list or a map, want one value")
		}
		if err := node.Decode(into.Addr().Interface()); err != nil {
			return at(node, "%v", decodeError(err))
		}
		return nil
	case into.Kind() == reflect.Slice:
		return fillList(node, into)
	}
	return fillMap(node, into)
}

// isLeaf reports whether a value is written as one scalar.
func isLeaf(v reflect.Value) bool {
	if v.Type() == reflect.TypeFor[PEM]() {
		return true
	}
	if _, ok := v.Addr().Interface().(interface{ UnmarshalText([]byte) error }); ok {
		return true
	}
	return v.Kind() != reflect.Struct && v.Kind() != reflect.Slice
}

func fillList(node *yaml.Node, into reflect.Value) error {
	if node.Kind != yaml.SequenceNode {
		return at(node, "no list, want lines that begin with '-'")
	}
	list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		if err := fill(item, list.Index(i)); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

func fillMap(node *yaml.Node, into reflect.Value) error {
	if node.Kind != yaml.MappingNode {
		return at(node, "no map, want lines 'key: value'")
	}
	fields := map[string]reflect.Value{}
	var names []string
	addFields(into, func(name string, v reflect.Value) {
		fields[name] = v
		names = append(names, name)
	})
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		field, known := fields[key.Value]
		switch {
		case !known:
			if near, ok := nearest.Name(key.Value, names); ok {
				return at(key, "unknown key %q, did you mean %q?", key.Value, near)
			}
			return at(key, "unknown key %q, want one of: %s", key.Value, strings.Join(names, ", "))
		case seen[key.Value]:
			return at(key, "key %q for the second time", key.Value)
		}
		seen[key.Value] = true
		if err := fill(node.Content[i+1], field); err != nil {
			return err
		}
	}
	return nil
}

// addFields tells the keys of a struct, those of inlined structs included.
func addFields(v reflect.Value, add func(string, reflect.Value)) {
	for i := range v.NumField() {
		name, flags, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if flags == "inline" {
			addFields(v.Field(i), add)
			continue
		}
		add(name, v.Field(i))
	}
}

// UnmarshalYAML takes a PEM text or the name of a file.
func (p *PEM) UnmarshalYAML(node *yaml.Node) error {
	*p = PEM(node.Value)
	return nil
}

// at says where in a file something is wrong.
func at(node *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%d:%d: %s", node.Line, node.Column, fmt.Sprintf(format, args...))
}

// decodeError takes yaml's own place and preamble off an error; ours is better.
func decodeError(err error) error {
	var typed *yaml.TypeError
	if errors.As(err, &typed) && len(typed.Errors) > 0 {
		_, what, _ := strings.Cut(typed.Errors[0], ": ")
		return errors.New(what)
	}
	return err
}

// load replaces the names of PEM files by what is in them.
func (t *Target) load(dir string) error {
	files := []struct {
		key string
		pem *PEM
	}{
		{"ca", &t.CA},
		{"expired-certificate cert", &t.Expired.Cert}, {"expired-certificate key", &t.Expired.Key},
	}
	for i := range t.Phones {
		c := &t.Phones[i].Certificate
		name := "phone " + t.Phones[i].MAC.String()
		files = append(files, struct {
			key string
			pem *PEM
		}{name + " cert", &c.Cert}, struct {
			key string
			pem *PEM
		}{name + " key", &c.Key})
	}
	for _, f := range files {
		name := string(*f.pem)
		if name == "" || strings.Contains(name, "-----BEGIN ") {
			continue
		}
		text, err := readLimited(relative(dir, name))
		if err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
		*f.pem = text
	}
	if t.Before != "" {
		t.Before = relative(dir, t.Before)
	}
	return nil
}

func relative(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTargetFile+1))
	if err == nil && len(text) > maxTargetFile {
		err = fmt.Errorf("%s is larger than %d bytes", name, maxTargetFile)
	}
	return text, err
}
