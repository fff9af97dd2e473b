package format

import (
	_ "embed"
	"encoding/json"
	"io"

	"provsim/conform"
)

// Schema is the JSON Schema of what [JSON] writes.
//
//go:embed report.schema.json
var Schema []byte

// JSON writes the whole report as one object.
func JSON(w io.Writer, r *conform.Report) error { return encode(w, r) }

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
