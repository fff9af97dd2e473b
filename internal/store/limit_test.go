//go:build unix

package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"provsim/internal/store"

	"github.com/google/go-cmp/cmp"
)

// saveOverLimit saves more than the kernel lets it write, as on a full disk.
func saveOverLimit(dir string) error {
	d, err := store.Open(dir)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 8192, Max: 8192}); err != nil {
		return err
	}
	if err := d.Save(phone, bytes.Repeat([]byte("new"), 10_000)); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("Save: error %v, want %v", err, syscall.EFBIG)
	}
	return d.Save("0021f2011b1a", []byte("small enough"))
}

func TestDiskIsFull(t *testing.T) {
	path := t.TempDir()
	d, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	save(t, d, phone, "old")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := child(t, "limit", path).Run(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{phone + ".state", "0021f2011b1a.state", "lock"}, files(t, path)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	d = open(t, path)
	expect(t, d, phone, "old")
	expect(t, d, "0021f2011b1a", "small enough")
}

// Opening a pipe to read would wait for a writer for ever.
func TestPipe(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	if err := syscall.Mkfifo(filepath.Join(path, phone+".state"), 0o600); err != nil {
		t.Fatal(err)
	}
	expectDamaged(t, d, "a pipe")
}
