package store_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"provsim/internal/store"

	"github.com/google/go-cmp/cmp"
)

const phone = "0021f2011b19"

// open opens a directory until the end of the test.
func open(t testing.TB, path string) *store.Dir {
	t.Helper()
	d, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func save(t testing.TB, d *store.Dir, name, body string) {
	t.Helper()
	if err := d.Save(name, []byte(body)); err != nil {
		t.Fatal(err)
	}
}

func expect(t testing.TB, d *store.Dir, name, body string) {
	t.Helper()
	if got, err := d.Load(name); err != nil || string(got) != body {
		t.Errorf("Load(%s): %.40q, %v, want %.40q", name, got, err, body)
	}
}

// files lists what is in a directory.
func files(t testing.TB, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "state")
	d := open(t, path)
	if _, err := d.Load(phone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing is stored: error %v, want fs.ErrNotExist", err)
	}
	bodies := []string{"", "settings", "line\nline\n", "provsim-state 1 0 \n", "\x00\xff", strings.Repeat("x", store.MaxBody)}
	for _, body := range bodies {
		save(t, d, phone, body)
		expect(t, d, phone, body)
	}
	save(t, d, "0021f2011b1a", "another phone")
	expect(t, d, "0021f2011b1a", "another phone")
	expect(t, d, phone, bodies[len(bodies)-1])
	if diff := cmp.Diff([]string{phone + ".state", "0021f2011b1a.state", "lock"}, files(t, path)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestStoredOverTheProcess(t *testing.T) {
	path := t.TempDir()
	d, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	save(t, d, phone, "settings")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, open(t, path), phone, "settings")
}

// The form of the file is a promise to later releases.
func TestFormat(t *testing.T) {
	path := t.TempDir()
	save(t, open(t, path), phone, "abc")
	got, err := os.ReadFile(filepath.Join(path, phone+".state"))
	const want = "provsim-state 1 3 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\nabc"
	if err != nil || string(got) != want {
		t.Errorf("the file is %q, %v, want %q", got, err, want)
	}
}

// The files hold passwords and keys.
func TestNobodyElseReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	d := open(t, path)
	save(t, d, phone, "first")
	save(t, d, phone, "second")
	for name, want := range map[string]fs.FileMode{".": fs.ModeDir | 0o700, phone + ".state": 0o600, "lock": 0o600} {
		info, err := os.Stat(filepath.Join(path, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
}

func TestNames(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	bad := []string{
		"", "0021f2011b1", "0021f2011b190", "0021F2011B19", "0021f2011b1g", "00:21:f2:01:1b", "../../passwd", "/etc/passwd1",
		"../021f2011b", "0021f2011b1/", "0021f2011b1\x00", "0021f201.b19", "lock", "0021f2011b1９",
	}
	for _, name := range bad {
		if err := d.Save(name, nil); err == nil {
			t.Errorf("Save takes the name %q", name)
		}
		if _, err := d.Load(name); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Load of %q: error %v, want one about the name", name, err)
		}
	}
	if diff := cmp.Diff([]string{"lock"}, files(t, path)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestTooLargeToSave(t *testing.T) {
	d := open(t, t.TempDir())
	save(t, d, phone, "old")
	if err := d.Save(phone, bytes.Repeat([]byte{'x'}, store.MaxBody+1)); err == nil {
		t.Error("a body over MaxBody is stored, and could not be loaded")
	}
	expect(t, d, phone, "old")
}

func TestLeftovers(t *testing.T) {
	path := t.TempDir()
	kept := []string{"0021f2011b1.1.tmp", "0021f2011b19.state.bak", "lock", "notes.tmp", "tmp"}
	for _, name := range append([]string{"0021f2011b19.12345.tmp", "0021f2011b1a.1.tmp"}, kept...) {
		if err := os.WriteFile(filepath.Join(path, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, path)
	if diff := cmp.Diff(kept, files(t, path)); diff != "" {
		t.Errorf("files after Open, want the leftovers of Save gone and all others kept (-want +got):\n%s", diff)
	}
}

func TestOneProcess(t *testing.T) {
	path := t.TempDir()
	first, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(path)
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), path) {
		t.Errorf("the second Open: error %v, want ErrLocked and the path", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestNoDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below"), ""} {
		if d, err := store.Open(path); err == nil {
			d.Close()
			t.Errorf("%q opens, want an error", path)
		} else if path != "" && !strings.Contains(err.Error(), file) {
			t.Errorf("%q: error %q does not name %s", path, err, file)
		}
	}
}

func TestDirectoryVanishes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	d := open(t, path)
	save(t, d, phone, "settings")
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(phone, []byte("new settings")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Save: error %v, want fs.ErrNotExist", err)
	}
}
