package report_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"provsim/internal/report"

	"github.com/google/go-cmp/cmp"
)

func asJSON(t testing.TB, r *report.Results) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func written(t testing.TB, r *report.Results) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copied is a copy of a directory that a test may spoil.
func copied(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestResultsAreReadAsWritten(t *testing.T) {
	r := newMorning(200, 1).results(t, "failed > 50%", "bans > 0")
	dir := written(t, r)
	again, err := report.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asJSON(t, r), asJSON(t, again)); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	want := []string{
		"arrivals.png", "arrivals.svg", "curves.csv", "devices.png", "devices.svg", "echoes-0.png", "echoes-0.svg",
		"first-wave.png", "first-wave.svg", "histograms.hlog", "junit.xml", "latency.png", "latency.svg",
		"queue.png", "queue.svg", "report.html", "sites.json", "summary.json",
	}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// What several shards have written is, put together, what the whole run would
// have written, whatever the order.
func TestMergedShardsAreTheWholeRun(t *testing.T) {
	whole := newMorning(200, 1).results(t, "failed > 50%", "bans > 0")
	var dirs []string
	for i := range 3 {
		dirs = append(dirs, written(t, newMorning(200, 3).shard(t, i, "failed > 50%", "bans > 0")))
	}
	slices.Reverse(dirs)
	merged, err := report.Gather(dirs...)
	if err != nil {
		t.Fatal(err)
	}
	// Each shard had a server of its own; the queues of the three are added up.
	merged.Summary.Counts.Model, whole.Summary.Counts.Model = nil, nil
	merged.Summary.Advice, whole.Summary.Advice = nil, nil
	if diff := cmp.Diff(asJSON(t, whole), asJSON(t, merged)); diff != "" {
		t.Errorf("(-whole +merged):\n%s", diff)
	}
}

func TestWriteReplacesEarlierResults(t *testing.T) {
	dir := written(t, newMorning(200, 1).results(t))
	next := newMorning(50, 1).results(t)
	if err := next.Write(dir); err != nil {
		t.Fatal(err)
	}
	again, err := report.Read(dir)
	if err != nil || again.Summary.Counts.Devices != 50 {
		t.Errorf("error %v, want the later run's 50 devices", err)
	}
}

// /dev/full takes no byte, as a full disk.
func TestWriteOnAFullDiskKeepsWhatWasThere(t *testing.T) {
	before := newMorning(200, 1).results(t)
	whole := written(t, before)
	for _, name := range []string{"histograms.hlog", "summary.json"} {
		dir := copied(t, whole)
		if err := os.Symlink("/dev/full", filepath.Join(dir, name+".part")); err != nil {
			t.Fatal(err)
		}
		err := newMorning(50, 1).results(t).Write(dir)
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), filepath.Join(dir, name)) {
			t.Errorf("%s: error %v, want the file's name and that no space is left", name, err)
		}
		if again, err := report.Read(dir); err != nil || asJSON(t, again) != asJSON(t, before) {
			t.Errorf("%s: error %v or other results, want those from before", name, err)
		}
		for _, left := range files(t, dir) {
			if strings.HasSuffix(left, ".part") {
				t.Errorf("%s: %s is left", name, left)
			}
		}
	}
}

func TestWriteWhereNoDirectoryCanBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := newMorning(4, 1).results(t).Write(filepath.Join(file, "results"))
	if !errors.Is(err, syscall.ENOTDIR) || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want that %s is not a directory", err, file)
	}
}

func TestReadRefuses(t *testing.T) {
	edit := func(name, old, new string) func(dir string) error {
		return func(dir string) error {
			path := filepath.Join(dir, name)
			text, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(text, []byte(old)) {
				return errors.Join(err, errors.New("nothing to edit"))
			}
			return os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(new), 1), 0o600)
		}
	}
	tests := []struct {
		rule, hint string
		damage     func(dir string) error
		is         error
	}{
		{"no summary", "has no summary.json", func(dir string) error { return os.Remove(filepath.Join(dir, "summary.json")) }, nil},
		{"half a summary", "unexpected end", func(dir string) error { return os.Truncate(filepath.Join(dir, "summary.json"), 100) }, nil},
		{"a later format", "found format 2, want 1", edit("summary.json", `"format": 1`, `"format": 2`), nil},
		{"no counts", "found no counts", edit("summary.json", `"counts"`, `"accounts"`), nil},
		{"counts that cannot be", "want 0 or more", edit("summary.json", `"counts": {
    "devices": 20`, `"counts": {
    "devices": -20`), nil},
		{"a word that is no outcome", "outcome \"timeover\" is unknown, want one of applied, ", edit("summary.json", `"timeout":`, `"timeover":`), nil},
		{"a curve that was edited", "curves.csv", edit("curves.csv", "second", "sekunde"), report.ErrDamaged},
		{"a histogram that was edited", "histograms.hlog", edit("histograms.hlog", "Tag=", "Tug="), report.ErrDamaged},
		{"no histograms", "histograms.hlog", func(dir string) error { return os.Remove(filepath.Join(dir, "histograms.hlog")) }, fs.ErrNotExist},
		{"the sites of another run", "sites.json", edit("sites.json", "203.0.113.1", "203.0.113.9"), report.ErrDamaged},
		{"a threshold that does not parse", "threshold", edit("summary.json", `failed > 50%`, `failed > half`), nil},
	}
	whole := written(t, newMorning(20, 1).results(t, "failed > 50%"))
	for _, tt := range tests {
		dir := copied(t, whole)
		if err := tt.damage(dir); err != nil {
			t.Fatalf("%s: %v", tt.rule, err)
		}
		_, err := report.Read(dir)
		switch {
		case err == nil || !strings.Contains(err.Error(), tt.hint) || !strings.Contains(err.Error(), dir):
			t.Errorf("%s: error %v, want %q and the directory in it", tt.rule, err, tt.hint)
		case tt.is != nil && !errors.Is(err, tt.is):
			t.Errorf("%s: error %v, want %v", tt.rule, err, tt.is)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	shard := func(i int) *report.Results { return newMorning(20, 4).shard(t, i) }
	other := func(change func(*morning)) *report.Results {
		m := newMorning(20, 4)
		change(m)
		return m.shard(t, 1)
	}
	tests := []struct {
		rule, hint string
		shards     []*report.Results
	}{
		{"nothing", "found no results", nil},
		{"missing shards", "of 4 shards, shard 0 is missing, shard 3 is missing", []*report.Results{shard(1), shard(2)}},
		{"a shard twice", "of 4 shards, shard 2 is there 2 times", []*report.Results{shard(0), shard(1), shard(2), shard(2), shard(3)}},
		{"another scenario", `beside those of "tftp-morning"`, []*report.Results{shard(0), other(func(m *morning) { m.run.Digest, m.run.Scenario = "x", "echo" })}},
		{"another seed", "seed 8 beside those of 7", []*report.Results{shard(0), other(func(m *morning) { m.run.Seed = 8 })}},
		{"another number of shards", "found a shard of 5 beside one of 4", []*report.Results{shard(0), other(func(m *morning) { m.run.Shards = 5 })}},
		{"virtual and real", "on the wall clock", []*report.Results{shard(0), other(func(m *morning) { m.run.Virtual = false })}},
		{"a number that no shard has", "found shard 9 of 4", []*report.Results{shard(0)}},
	}
	tests[len(tests)-1].shards[0].Summary.Shard = 9
	for _, tt := range tests {
		_, err := report.Merge(tt.shards)
		if !errors.Is(err, report.ErrShards) || !strings.Contains(err.Error(), tt.hint) {
			t.Errorf("%s: error %v, want ErrShards and %q in it", tt.rule, err, tt.hint)
		}
	}
}

func TestGather(t *testing.T) {
	parent := t.TempDir()
	for i := range 2 {
		if err := newMorning(20, 2).shard(t, i).Write(filepath.Join(parent, "shard-"+string(rune('0'+i)))); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := report.Gather(parent)
	if err != nil || whole.Summary.Counts.Devices != 20 || whole.Summary.Shards != 1 {
		t.Errorf("a directory of shards: error %v, want 20 devices in one", err)
	}
	part, err := report.Gather(filepath.Join(parent, "shard-1"))
	if err != nil || part.Summary.Shard != 1 || part.Summary.Shards != 2 {
		t.Errorf("one shard: error %v, want shard 1 of 2", err)
	}
	if _, err := report.Gather(t.TempDir()); err == nil || !strings.Contains(err.Error(), "nor has a folder in it") {
		t.Errorf("an empty directory: error %v, want that it has no results", err)
	}
}
