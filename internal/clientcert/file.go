package clientcert

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// end is what a whole file ends with.
var end = []byte("-----END PRIVATE KEY-----\n")

// largest is the most that a device's file has: a key, its certificate and those
// above it.
const largest = 1 << 20

// read returns a device's file. One that is not whole counts as absent; one that
// is too large was not written by this package.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := io.ReadAll(io.LimitReader(f, largest+1))
	if len(file) > largest {
		return nil, fmt.Errorf("%s: want at most %d bytes", path, largest)
	}
	if err == nil && !bytes.HasSuffix(file, end) {
		return nil, fmt.Errorf("%s is cut short: %w", path, os.ErrNotExist)
	}
	return file, err
}

// keep writes a device's file and returns it, or the one that another process has
// written meanwhile. It does not wait for the disk: a file that a crash takes
// away is made anew.
func keep(path string, file []byte) ([]byte, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	draft, err := os.CreateTemp(dir, "draft-") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(file)
	if err := errors.Join(err, draft.Close()); err != nil {
		return nil, err
	}
	// A link, unlike a renaming, leaves the file alone that is there.
	if os.Link(draft.Name(), path) == nil {
		return file, nil
	}
	if other, err := read(path); err == nil {
		return other, nil
	}
	return file, os.Rename(draft.Name(), path)
}
