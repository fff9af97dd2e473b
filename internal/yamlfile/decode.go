// Package yamlfile reads files in YAML strictly into Go values: keys must be known
// and appear once, and each fault has its line and column. The keys of a struct are
// in its yaml tags; fields without a tag are not read.
package yamlfile

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"provsim/internal/nearest"
)

// Limits that no sensible file meets. An alias counts each time it is used, so that
// a few lines cannot unfold to gigabytes.
const (
	maxNodes = 50_000
	maxDepth = 20
)

// Fault is one thing that is wrong with a file.
type Fault struct {
	Line, Column int    // from 1; 0 where they are not known
	Path         string // which field, such as phones[0].mac
	Text         string // what was found, and what is wanted
}

// Parse returns the one value of a text, and nil for a text without one.
func Parse(text []byte) (*yaml.Node, *Fault) {
	documents := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	switch err := documents.Decode(&root); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntaxFault(err)
	}
	switch err := documents.Decode(&more); {
	case err == nil:
		return nil, &Fault{Line: more.Line, Column: more.Column, Text: "found a second document, want one in a file"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxFault(err)
	}
	return root.Content[0], nil
}

// syntaxPlace finds the line in a message of the YAML parser, which has no other
// form for it.
var syntaxPlace = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^line (\d+): `)
})

func syntaxFault(err error) *Fault {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if m := syntaxPlace().FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	return &Fault{Line: line, Text: "is no YAML: " + text}
}

// Places are where the values of a file are, by path.
type Places map[string]*yaml.Node

// Find returns the place of a path, or of the nearest thing around it that is in
// the file.
func (p Places) Find(path string) (line, column int) {
	for {
		if n, ok := p[path]; ok {
			return n.Line, n.Column
		}
		if path == "" {
			return 0, 0
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// Decode fills the value that a pointer points to. Short may say that a scalar
// stands for a field of a value that is a mapping otherwise: it gets the pointer to
// a value and whether there is a scalar, and returns the pointer to the field, or
// nil. Short itself may be nil.
func Decode(root *yaml.Node, into any, short func(value any, scalar bool) any) ([]Fault, Places) {
	d := &decoder{short: short, at: Places{}}
	d.value(root, reflect.ValueOf(into).Elem(), "", 0)
	return d.faults, d.at
}

// decoder fills Go values from YAML nodes.
type decoder struct {
	short  func(value any, scalar bool) any
	faults []Fault
	at     Places
	nodes  int
}

func (d *decoder) fault(n *yaml.Node, path, format string, args ...any) {
	d.faults = append(d.faults, Fault{n.Line, n.Column, path, fmt.Sprintf(format, args...)})
}

// enough reports whether the file has unfolded to more than any file needs.
func (d *decoder) enough(n *yaml.Node, path string, depth int) bool {
	if d.nodes++; d.nodes > maxNodes || depth > maxDepth {
		if d.nodes <= maxNodes || d.nodes == maxNodes+1 {
			d.fault(n, "", "found more than %d values or %d levels, aliases counted as often as they are used", maxNodes, maxDepth)
		}
		return true
	}
	return false
}

// value decodes one node.
func (d *decoder) value(n *yaml.Node, v reflect.Value, path string, depth int) {
	if d.enough(n, path, depth) {
		return
	}
	d.at[path] = n
	for hops := 0; n.Kind == yaml.AliasNode; hops++ {
		if n = n.Alias; n == nil || hops > maxDepth {
			return
		}
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if d.short != nil {
		if field := d.short(v.Addr().Interface(), n.Kind == yaml.ScalarNode); field != nil {
			d.value(n, reflect.ValueOf(field).Elem(), path, depth+1)
			return
		}
	}
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(n, path, text.UnmarshalText)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v, path, depth)
	case reflect.Slice:
		d.sequence(n, v, path, depth)
	case reflect.Map:
		d.names(n, v, path, depth)
	default:
		d.text(n, path, func(text []byte) error { return setScalar(v, string(text)) })
	}
}

// text decodes a scalar.
func (d *decoder) text(n *yaml.Node, path string, set func([]byte) error) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		d.fault(n, path, "found %s, want a value", what(n))
		return
	}
	if err := set([]byte(n.Value)); err != nil {
		d.fault(n, path, "%v", err)
	}
}

// what says what a node is.
func what(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%.40q", n.Value)
}

// sequence decodes a list.
func (d *decoder) sequence(n *yaml.Node, v reflect.Value, path string, depth int) {
	if n.Kind != yaml.SequenceNode {
		d.fault(n, path, "found %s, want a list", what(n))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, list.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1)
	}
	v.Set(list)
}

// names decodes a mapping whose keys are the user's.
func (d *decoder) names(n *yaml.Node, v reflect.Value, path string, depth int) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, path, func(key, value *yaml.Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(value, item, join(path, key.Value), depth+1)
		v.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
}

// mapping decodes a struct. A key that it does not have is a fault.
func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string, depth int) {
	known := Fields(v.Type())
	d.pairs(n, path, func(key, value *yaml.Node) {
		at := join(path, key.Value)
		i := slices.IndexFunc(known, func(f Field) bool { return f.Key == key.Value })
		if i < 0 {
			d.fault(key, at, "is unknown%s", suggestion(key.Value, known))
			return
		}
		d.value(value, v.FieldByIndex(known[i].Index), at, depth+1)
	})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func suggestion(key string, known []Field) string {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.Key
	}
	if near, ok := nearest.Name(key, names); ok {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	return ", want one of " + strings.Join(names, ", ")
}

// pairs calls f for each key of a mapping, once for each.
func (d *decoder) pairs(n *yaml.Node, path string, f func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.fault(n, path, "found %s, want keys and values", what(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		line, twice := seen[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.fault(key, path, "found %s as a key, want a name", what(key))
		case key.Tag == "!!merge":
			d.fault(key, path, `found "<<", want the keys written out: they are not merged`)
		case twice:
			d.fault(key, join(path, key.Value), "found a second time, the first is on line %d", line)
		default:
			seen[key.Value] = key.Line
			f(key, value)
		}
	}
}

// Field is a key of a struct's YAML form.
type Field struct {
	Key   string
	Index []int // as reflect has it
}

// Fields lists the keys of a struct. Those of an inlined struct are its own.
func Fields(t reflect.Type) []Field {
	var list []Field
	for f := range t.Fields() {
		tag, ok := f.Tag.Lookup("yaml")
		if !ok {
			continue
		}
		key, options, _ := strings.Cut(tag, ",")
		if options == "inline" {
			for _, inner := range Fields(f.Type) {
				list = append(list, Field{inner.Key, append(slices.Clone(f.Index), inner.Index...)})
			}
			continue
		}
		list = append(list, Field{key, f.Index})
	}
	return list
}

// setScalar reads a text into a value of a basic kind.
func setScalar(v reflect.Value, text string) error {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("found %.40q, want a time with its unit such as 90s, 5m or 24h", text)
		}
		v.SetInt(int64(d))
		return nil
	}
	var err error
	want := "a value"
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		var on bool
		on, err = strconv.ParseBool(text)
		want = "true or false"
		v.SetBool(on)
	case reflect.Int, reflect.Int64, reflect.Int32:
		var i int64
		i, err = strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, v.Type().Bits())
		want = "a whole number"
		v.SetInt(i)
	case reflect.Uint, reflect.Uint64, reflect.Uint16, reflect.Uint8:
		var u uint64
		u, err = strconv.ParseUint(strings.ReplaceAll(text, "_", ""), 10, v.Type().Bits())
		want = "a whole number, not negative"
		if bits := v.Type().Bits(); bits < 64 {
			want = fmt.Sprintf("a whole number from 0 to %d", uint64(1)<<bits-1)
		}
		v.SetUint(u)
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(text, 64)
		want = "a number"
		v.SetFloat(f)
	}
	if err != nil {
		return fmt.Errorf("found %.40q, want %s", text, want)
	}
	return nil
}
