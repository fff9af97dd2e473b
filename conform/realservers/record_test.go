//go:build linux

package realservers

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
)

// A record holds the results of a setup.
type record struct {
	Version  string    `json:"version"` // of the server
	Asked    int       `json:"asked"`   // how many checks
	Failures []failure `json:"failures,omitempty"`
	// Without are the checks that have no verdict, by the reason.
	Without []without `json:"without,omitempty"`
}

// A failure is a check whose requirement is not met.
type failure struct {
	ID       string      `json:"id"`
	Level    check.Level `json:"level"`
	Expected string      `json:"expected"`
	Actual   string      `json:"actual"`
}

// A without is a reason for no verdict.
type without struct {
	Verdict check.Verdict `json:"verdict"` // skip or error
	Why     string        `json:"why"`
	Checks  []string      `json:"checks"`
}

// add takes a result into the record. What differs from run to run is taken from
// its texts.
func (r *record) add(result conform.Result, names *strings.Replacer) {
	switch result.Verdict {
	case check.Passed:
	case check.Failed:
		r.Failures = append(r.Failures, failure{
			result.Check.ID, result.Check.Level, names.Replace(result.Expected), names.Replace(result.Actual),
		})
	default:
		why := names.Replace(result.Detail)
		i := slices.IndexFunc(r.Without, func(w without) bool { return w.Why == why })
		if i < 0 {
			i, r.Without = len(r.Without), append(r.Without, without{Verdict: result.Verdict, Why: why})
		}
		r.Without[i].Checks = append(r.Without[i].Checks, result.Check.ID)
	}
}

// record names the file with the results of a setup.
func (s *setup) record(server *server) string {
	return strings.NewReplacer(" --", "-", " ", "-").Replace(strings.ToLower(string(server.name) + " " + s.name + " " + s.over))
}

func (s *setup) file(server *server) string {
	return filepath.Join("testdata", s.record(server)+".json")
}

func write(t *testing.T, file string, r record) {
	t.Helper()
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) record {
	t.Helper()
	var r record
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v: -rewrite makes it", err)
	}
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}
