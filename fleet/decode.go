package fleet

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"provsim/internal/fetch/model"
	"provsim/internal/nearest"
)

// Limits that no sensible scenario meets. An alias counts each time it is used,
// so that a few lines cannot unfold to gigabytes.
const (
	maxNodes = 50_000
	maxDepth = 20
)

// decoder fills Go values from YAML nodes and remembers where each value is.
type decoder struct {
	file   string
	faults *faults
	at     map[string]*yaml.Node // by path
	nodes  int
}

func (d *decoder) document(root *yaml.Node, s *Scenario) {
	d.value(root, reflect.ValueOf(s).Elem(), "", 0)
}

func (d *decoder) fault(n *yaml.Node, path, format string, args ...any) {
	d.faults.add(Fault{File: d.file, Line: n.Line, Column: n.Column, Path: path, Text: fmt.Sprintf(format, args...)})
}

// locate gives a fault the place of its path, or of the nearest thing around it
// that is in the file.
func (d *decoder) locate(f *Fault) {
	f.File = d.file
	for path := f.Path; ; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		if n, ok := d.at[path]; ok {
			f.Line, f.Column = n.Line, n.Column
			return
		}
		if path == "" {
			return
		}
	}
}

// enough reports whether the file has unfolded to more than a scenario needs.
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
	if dist, ok := v.Addr().Interface().(*model.Dist); ok {
		*dist = model.Dist{} // nothing of another shape may stay
		if n.Kind == yaml.ScalarNode {
			dist.Shape = model.Constant
			d.value(n, reflect.ValueOf(&dist.Mean).Elem(), path, depth+1)
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
	known := fields(v.Type())
	d.pairs(n, path, func(key, value *yaml.Node) {
		at := join(path, key.Value)
		i := slices.IndexFunc(known, func(f field) bool { return f.key == key.Value })
		if i < 0 {
			d.fault(key, at, "is unknown%s", suggestion(key.Value, known))
			return
		}
		d.value(value, v.FieldByIndex(known[i].index), at, depth+1)
	})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func suggestion(key string, known []field) string {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.key
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

// field is a key of a struct's YAML form.
type field struct {
	key   string
	index []int
}

// fields lists the keys of a struct. Those of an inlined struct are its own.
func fields(t reflect.Type) []field {
	var list []field
	for f := range t.Fields() {
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if options == "inline" {
			for _, inner := range fields(f.Type) {
				list = append(list, field{inner.key, append(slices.Clone(f.Index), inner.index...)})
			}
			continue
		}
		list = append(list, field{key, f.Index})
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
	case reflect.Int, reflect.Int64:
		var i int64
		i, err = strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, v.Type().Bits())
		want = "a whole number"
		v.SetInt(i)
	case reflect.Uint64:
		var u uint64
		u, err = strconv.ParseUint(strings.ReplaceAll(text, "_", ""), 10, 64)
		want = "a whole number, not negative"
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
