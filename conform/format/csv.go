package format

import (
	"encoding/csv"
	"io"
	"strconv"

	"provsim/conform"
	"provsim/internal/oneline"
)

// CSV writes a row for each check.
func CSV(w io.Writer, r *conform.Report) error {
	out := csv.NewWriter(w)
	out.Write([]string{"check", "verdict", "known", "level", "title", "expected", "actual", "note", "source", "seconds", "vendor"})
	for i := range r.Results {
		result := &r.Results[i]
		row := []string{
			result.Check.ID, result.Verdict.String(), strconv.FormatBool(result.Known), result.Check.Level.String(), result.Check.Title,
			result.Expected, result.Actual, result.Detail, result.Check.Source, strconv.FormatFloat(result.Took.Seconds(), 'f', 3, 64), result.Vendor,
		}
		for j, cell := range row {
			row[j] = oneline.Cell(cell)
		}
		out.Write(row)
	}
	out.Flush()
	return out.Error()
}
