package tally_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"provsim/internal/tally"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// reread writes totals to files and reads them back.
func reread(t *rapid.T, totals *tally.Totals) *tally.Totals {
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	scalars, err := json.Marshal(totals)
	check(err)
	again := new(tally.Totals)
	check(json.Unmarshal(scalars, again))
	check(again.Check())
	var curves, sites bytes.Buffer
	check(totals.WriteCurves(&curves))
	check(again.ReadCurves(&curves))
	check(totals.WriteSites(&sites))
	check(again.ReadSites(&sites))
	for name, h := range totals.Histograms() {
		form, err := h.HDR().Encode()
		check(err)
		hdr, err := hdrhistogram.Decode(form)
		check(err)
		check(again.SetHistogram(name, hdr))
	}
	return again
}

func TestTotalsFromFilesAreTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		totals := play(t, happenings(12).Draw(t, "story"), 12, 0, 1)
		again := reread(t, totals)
		if diff := cmp.Diff(dump(t, totals), dump(t, again)); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
		// What was read can be merged as what was counted.
		if err := again.Merge(totals); err != nil {
			t.Fatal(err)
		}
	})
}

func TestReadCurvesRefuses(t *testing.T) {
	const header = "second,starts,successes,failures,queue,provisioned,off,booting,waiting,fetching,idle,failed\n"
	tests := []struct{ rule, text, hint string }{
		{"an empty file", "", "EOF"},
		{"other columns", "second,starts\n", "columns"},
		{"a second that comes again", header + "0,0,0,0,0,0,1,0,0,0,0,0\n0,0,0,0,0,0,1,0,0,0,0,0\n", "line 3: found second 0 after second 0"},
		{"a second after the longest run", header + "2678401,0,0,0,0,0,1,0,0,0,0,0\n", "at most 2678400"},
		{"a word for a number", header + "0,many,0,0,0,0,1,0,0,0,0,0\n", `line 2: column 2: found "many"`},
		{"a negative number", header + "0,-1,0,0,0,0,1,0,0,0,0,0\n", "want a number from 0"},
		{"a line that is too short", header + "0,1\n", "wrong number of fields"},
	}
	for _, tt := range tests {
		err := new(tally.Totals).ReadCurves(strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.hint) {
			t.Errorf("%s: error %v, want %q in it", tt.rule, err, tt.hint)
		}
	}
}

func TestReadSitesRefuses(t *testing.T) {
	tests := []struct{ rule, text, hint string }{
		{"no JSON", "no", "invalid"},
		{"another format", `{"format":9,"width":1,"cells":1}`, "format 9, want 1"},
		{"more cells than there is room for", `{"format":1,"width":1,"cells":999999999}`, "at most 1048576 cells"},
		{"a cell that does not exist", `{"format":1,"width":1,"cells":2,"sites":[{"served":[[2,1]]}]}`, "site 0: found 1 successes in cell 2"},
		{"a negative cell", `{"format":1,"width":1,"cells":2,"sites":[{"denied":[{"cell":-1}]}]}`, "cell -1"},
	}
	for _, tt := range tests {
		err := new(tally.Totals).ReadSites(strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.hint) {
			t.Errorf("%s: error %v, want %q in it", tt.rule, err, tt.hint)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	tests := []struct{ rule, text string }{
		{"no wave", `{"devices":1}`},
		{"a first wave that is not the start", `{"waves":[{"at":0,"kind":"other","name":""}]}`},
		{"less than no devices", `{"devices":-1,"waves":[{"kind":"start"}]}`},
		{"a run that is too long", `{"duration":99999999,"waves":[{"kind":"start"}]}`},
		{"a mark before the run", `{"waves":[{"kind":"start","at":-1}]}`},
	}
	for _, tt := range tests {
		var totals tally.Totals
		if err := json.Unmarshal([]byte(tt.text), &totals); err != nil {
			t.Fatal(err)
		}
		if totals.Check() == nil {
			t.Errorf("%s: no error", tt.rule)
		}
	}
}

// FuzzReadCurves: curves that were read are written the same.
func FuzzReadCurves(f *testing.F) {
	s := begin(f, whole(2, 1, 10*time.Second))
	s.up(0, 0, 1)
	var b bytes.Buffer
	if err := s.end(10 * time.Second).WriteCurves(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		var first, second tally.Totals
		if first.ReadCurves(bytes.NewReader(text)) != nil {
			return
		}
		var a, b bytes.Buffer
		if err := first.WriteCurves(&a); err != nil {
			t.Fatal(err)
		}
		if err := second.ReadCurves(bytes.NewReader(a.Bytes())); err != nil {
			t.Fatal(err)
		}
		if err := second.WriteCurves(&b); err != nil {
			t.Fatal(err)
		}
		equal(t, "written again", b.String(), a.String())
	})
}
