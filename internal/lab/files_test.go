package lab_test

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/internal/lab"
)

func TestFilesFindOneFileByAllItsNames(t *testing.T) {
	var files lab.Files
	files.Put("dir/a.conf", []byte("A"))
	for _, name := range []string{"dir/a.conf", "/dir/a.conf", "//dir/./a.conf", "/dir/x/../a.conf", "../dir/a.conf"} {
		body, err := files.Get(name)
		if err != nil || string(body) != "A" {
			t.Errorf("Get(%q) = %q, %v; want A", name, body, err)
		}
	}
	for _, name := range []string{"/dir", "/dir/A.conf", "a.conf", ""} {
		if _, err := files.Get(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Get(%q): error %v, want fs.ErrNotExist", name, err)
		}
	}
}

func TestFilesChange(t *testing.T) {
	var files lab.Files
	files.Put("b", []byte("1"))
	files.Put("b", []byte("2"))
	files.Put("a", nil)
	files.Deny("c")
	files.Put("d", nil)
	files.Delete("/d")

	if body, err := files.Get("b"); err != nil || string(body) != "2" {
		t.Errorf("a replaced file is %q, %v; want 2", body, err)
	}
	if _, err := files.Get("c"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a denied file: error %v, want fs.ErrPermission", err)
	}
	if diff := cmp.Diff([]string{"/a", "/b", "/c"}, files.Names()); diff != "" {
		t.Error("names (-want +got):\n" + diff)
	}
}

func TestFilesAreNeverSeenHalfWritten(t *testing.T) {
	var files lab.Files
	var wg sync.WaitGroup
	files.Put("f", []byte("0000"))
	for n := range 4 {
		wg.Go(func() {
			for range 200 {
				files.Put("f", fmt.Appendf(nil, "%d%d%d%d", n, n, n, n))
			}
		})
	}
	for range 200 {
		body, err := files.Get("f")
		if err != nil || body[0] != body[3] {
			t.Fatalf("got %q, %v; want four equal digits", body, err)
		}
	}
	wg.Wait()
}
