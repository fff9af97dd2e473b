package report_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/internal/report"
)

// A row of a table of Markdown has as many cells as its head, and what a scenario is
// called is no markup.
func TestMarkdown(t *testing.T) {
	r := newMorning(40, 1).results(t, "failed > 50%")
	r.Summary.Scenario = "<b>*office* | park"
	var b bytes.Buffer
	if err := r.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	if want := `# \<b\>\*office\* \| park` + "\n"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("begins with %.60q, want %q", b.String(), want)
	}
	tables, width := 0, 0
	for line := range strings.Lines(b.String()) {
		cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			width = 0
		case width == 0:
			width, tables = cells, tables+1
		case cells != width:
			t.Errorf("%q has %d bars, want %d", line, cells, width)
		}
	}
	if tables < 4 {
		t.Errorf("found %d tables, want those of the text", tables)
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := newMorning(40, 1).results(t, "failed > 50%").CSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"table", "row", "column", "value"}, rows[0]); diff != "" {
		t.Error(diff)
	}
	for _, row := range rows {
		if row[0] == "Latency and service time" && row[1] == "resync latency" && row[2] == "p95" && row[3] != "" {
			return
		}
	}
	t.Errorf("no row has the p95 of the resync latency, in %d", len(rows))
}

// The last job counts: a device that succeeds later is not listed. A note that a
// spreadsheet would take for a formula is a text.
func TestFailing(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(journal, []byte(
		`{"t":1,"device":"0021f2000002","seq":1,"event":"resync.done","outcome":"not-found","url":"http://a/2.cfg","status":404,"job":"resync","note":"=1+1"}
{"t":1,"device":"0021f2000001","seq":1,"event":"resync.done","outcome":"timeout","url":"http://a/1.cfg","job":"resync"}
{"t":2,"device":"0021f2000003","seq":1,"event":"resync.done","outcome":"timeout","job":"resync"}
{"t":9.5,"device":"0021f2000003","seq":2,"event":"resync.done","outcome":"applied","job":"resync"}
`), 0o666); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Failing(&b, journal); err != nil {
		t.Fatal(err)
	}
	want := `device,job,outcome,at,url,status,note
0021f2000001,resync,timeout,1.000,http://a/1.cfg,,
0021f2000002,resync,not-found,1.000,http://a/2.cfg,404,'=1+1
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if err := os.WriteFile(journal, []byte("{\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := report.Failing(&b, journal); err == nil || !strings.Contains(err.Error(), "events.ndjson: line 1") {
		t.Errorf("a journal that does not parse: %v", err)
	}
}
