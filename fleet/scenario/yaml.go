package scenario

import (
	"strconv"

	"provsim/internal/fetch/model"
	"provsim/internal/yamlfile"
)

// MaxBytes is how many bytes of YAML Parse takes.
const MaxBytes = 1 << 20

// Parse reads a scenario in YAML and checks that it can run. The name is of the
// file, for errors. The reading is strict: keys must be known and appear once. The
// error is an *[Error] with all that is wrong.
func Parse(name string, text []byte) (*Scenario, error) {
	found := &faults{}
	if len(text) > MaxBytes {
		found.add(Fault{File: name, Text: "found " + strconv.Itoa(len(text)) + " bytes, want at most " + strconv.Itoa(MaxBytes)})
		return nil, found.err()
	}
	root, fault := yamlfile.Parse(text)
	switch {
	case fault != nil:
		found.add(faultIn(name, *fault))
		return nil, found.err()
	case root == nil:
		found.add(Fault{File: name, Text: "found nothing, want a scenario"})
		return nil, found.err()
	}
	s := &Scenario{Server: DefaultServer()}
	wrong, places := yamlfile.Decode(root, s, constant)
	for _, f := range wrong {
		found.add(faultIn(name, f))
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	s.check(&checker{faults: found})
	for i := range found.list {
		f := &found.list[i]
		f.File = name
		f.Line, f.Column = places.Find(f.Path)
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	return s, nil
}

func faultIn(name string, f yamlfile.Fault) Fault {
	return Fault{File: name, Line: f.Line, Column: f.Column, Path: f.Path, Text: f.Text}
}

// constant takes a scalar for a distribution that is constant. A distribution that
// is written takes the place of the default, so nothing of another shape stays.
func constant(value any, scalar bool) any {
	dist, ok := value.(*model.Dist)
	if !ok {
		return nil
	}
	*dist = model.Dist{}
	if !scalar {
		return nil
	}
	dist.Shape = model.Constant
	return &dist.Mean
}
