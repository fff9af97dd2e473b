package report

import (
	"encoding/json"
	"io"

	"provsim/internal/tally"
)

// Results are the results of a run.
type Results struct {
	Summary *tally.Summary
	// Against, if there is one, is shown beside the run's own numbers.
	Against *Comparison
}

// New sums up a run that has ended. The thresholds say when it has failed.
func New(r tally.Run, t *tally.Totals, thresholds []tally.Threshold) *Results {
	return &Results{Summary: t.Summary(r, thresholds)}
}

// Check adds thresholds that the run was not started with. They take the place of
// the default rule.
func (r *Results) Check(thresholds []tally.Threshold) {
	if len(thresholds) > 0 && r.byDefault() {
		r.Summary.Thresholds = nil
	}
	for _, t := range thresholds {
		r.Summary.Thresholds = append(r.Summary.Thresholds, t.Check(r.Summary.Counts))
	}
}

// byDefault reports whether the run is held to the default rule alone.
func (r *Results) byDefault() bool {
	all := r.Summary.Thresholds
	return len(all) == 1 && all[0].Expression == tally.DefaultRule().String()
}

// Failed reports whether a rule has failed.
func (r *Results) Failed() bool {
	for _, t := range r.Summary.Thresholds {
		if t.Failed {
			return true
		}
	}
	return false
}

// JSON writes the summary, and a comparison as its member "against".
func (r *Results) JSON(w io.Writer) error {
	return encode(w, struct {
		*tally.Summary
		Against *Comparison `json:"against,omitempty"`
	}{r.Summary, r.Against})
}

func encode(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}
