package mint

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// end is what a whole file ends with.
var end = []byte("-----END PRIVATE KEY-----\n")

// read returns a device's file. One that is not whole is as good as none.
func read(path string) ([]byte, error) {
	file, err := os.ReadFile(path)
	if err == nil && !bytes.HasSuffix(file, end) {
		return nil, fmt.Errorf("%s is cut short: %w", path, os.ErrNotExist)
	}
	return file, err
}

// keep writes a device's file and returns it, or the one that somebody else has
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
