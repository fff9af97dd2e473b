package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"provsim/internal/store"

	"github.com/google/go-cmp/cmp"
)

func openFile(t *testing.T, dir, name string) *store.File {
	t.Helper()
	f, err := store.OpenFile(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// A file is saved in parts, loaded as one, and replaced as a whole.
func TestFileIsSavedInParts(t *testing.T) {
	f := openFile(t, filepath.Join(t.TempDir(), "new"), "fleet-0-of-1")
	if _, err := f.Load(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("Load before the first Save: error %v, want fs.ErrNotExist", err)
	}
	for _, parts := range [][][]byte{{[]byte("one, "), nil, []byte("two")}, {[]byte("three")}, nil} {
		if err := f.Save(parts...); err != nil {
			t.Fatal(err)
		}
		want := ""
		for _, p := range parts {
			want += string(p)
		}
		if got, err := f.Load(); err != nil || string(got) != want {
			t.Errorf("Load: %q, %v, want %q", got, err, want)
		}
	}
}

// Files of other names, and devices' states, are in the same directory without
// being in each other's way. One name is one process's.
func TestFilesShareADirectory(t *testing.T) {
	dir := t.TempDir()
	first, second := openFile(t, dir, "fleet-0-of-2"), openFile(t, dir, "fleet-1-of-2")
	devices := open(t, dir)
	if _, err := store.OpenFile(dir, "fleet-0-of-2"); !errors.Is(err, store.ErrLocked) {
		t.Errorf("the same file again: error %v, want ErrLocked", err)
	}
	for _, err := range []error{first.Save([]byte("first")), second.Save([]byte("second")), devices.Save(phone, []byte("phone"))} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{phone + ".state", "fleet-0-of-2.lock", "fleet-0-of-2.state", "fleet-1-of-2.lock", "fleet-1-of-2.state", "lock"}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// What a killed process has left is removed, and nothing else.
func TestFileLeftovers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"fleet-0-of-2.123.tmp", "fleet-1-of-2.123.tmp", "fleet-0-of-2.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	openFile(t, dir, "fleet-0-of-2")
	if diff := cmp.Diff([]string{"fleet-0-of-2.lock", "fleet-0-of-2.txt", "fleet-1-of-2.123.tmp"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestFileRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"", "..", "a/b", "Fleet", "a.b"} {
		if _, err := store.OpenFile(dir, name); err == nil {
			t.Errorf("the name %q is no error", name)
		}
	}
	f := openFile(t, dir, "fleet-0-of-1")
	if err := f.Save([]byte("whole")); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(f.Path(), 80); err != nil {
		t.Fatal(err)
	}
	var damaged *store.DamagedError
	if _, err := f.Load(); !errors.As(err, &damaged) {
		t.Errorf("a file that was cut off: error %v, want a DamagedError", err)
	}
}
