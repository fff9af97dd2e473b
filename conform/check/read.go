package check

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"provsim/internal/yamlfile"
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
	t.Source.File = file
	return t, t.load(filepath.Dir(file))
}

// ParseTarget reads the text of a target file and opens no others: what is no
// PEM text stays the name of a file.
func ParseTarget(text []byte) (*Target, error) {
	root, fault := yamlfile.Parse(text)
	if fault != nil {
		return nil, at(fault)
	}
	t := &Target{}
	if root == nil {
		return t, nil
	}
	t.Source.Lines = keyLines(root)
	if faults, _ := yamlfile.Decode(root, t, nil); len(faults) > 0 {
		return t, at(&faults[0])
	}
	return t, nil
}

// at says where in a file something is wrong.
func at(f *yamlfile.Fault) error {
	if f.Path == "" {
		return fmt.Errorf("%d:%d: %s", f.Line, f.Column, f.Text)
	}
	return fmt.Errorf("%d:%d: %s: %s", f.Line, f.Column, f.Path, f.Text)
}

// keyLines returns the line of each key of a map.
func keyLines(node *yaml.Node) map[string]int {
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
		lines[node.Content[i].Value] = node.Content[i].Line
	}
	return lines
}

// UnmarshalText takes a PEM text or the name of a file.
func (p *PEM) UnmarshalText(text []byte) error {
	*p = PEM(slices.Clone(text))
	return nil
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

// ErrTooLarge says that a target, or a file that a target names, has more bytes
// than such a file may have.
var ErrTooLarge = errors.New("the file is too large")

func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTargetFile+1))
	if err == nil && len(text) > maxTargetFile {
		err = fmt.Errorf("%s: %w, want at most %d bytes", name, ErrTooLarge, maxTargetFile)
	}
	return text, err
}
