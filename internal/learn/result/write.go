package result

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"provsim/internal/learn"
	"provsim/internal/report"
)

// The files of a folder of results.
const (
	PhonesFile   = "phones.csv"
	ScenarioFile = "scenario.yaml"
	TextFile     = "findings.txt"
	PageFile     = "findings.html"
	JSONFile     = "findings.json"
)

// Write writes all files into a folder. Each is written as a whole, or what was there
// before stays. The error names the file.
func Write(dir string, f *learn.Findings) error {
	d := Document(f)
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{PhonesFile, func(w io.Writer) error { return Phones(w, f) }},
		{ScenarioFile, func(w io.Writer) error { _, err := w.Write(Scenario(f)); return err }},
		{TextFile, d.Text},
		{PageFile, d.HTML},
		{JSONFile, func(w io.Writer) error { return JSON(w, f) }},
	} {
		if err := report.WriteFile(filepath.Join(dir, file.name), file.write); err != nil {
			return err
		}
	}
	for _, figure := range d.Figures {
		if err := report.WriteFile(filepath.Join(dir, figure.ID+".svg"), figure.SVG); err != nil {
			return err
		}
	}
	return nil
}

// JSON writes the findings.
func JSON(w io.Writer, f *learn.Findings) error { return encode(w, f) }

// encode escapes what HTML means something by, because texts are a log's.
func encode(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// Read reads findings that JSON has written. The reader bounds their size.
func Read(r io.Reader) (*learn.Findings, error) {
	f := &learn.Findings{}
	if err := json.NewDecoder(r).Decode(f); err != nil {
		return nil, fmt.Errorf("no findings of provsim learn: %w", err)
	}
	return f, nil
}
