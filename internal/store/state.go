package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MaxBody is the largest body in bytes. A configuration has at most 1 MiB
// (FV-NET-1), so a larger file was not written by this package.
const MaxBody = 16 << 20

// Load returns the body that was saved last. The error is [fs.ErrNotExist] where
// nothing is stored, and a *[DamagedError] where the file is not what Save wrote.
func (d *Dir) Load(name string) ([]byte, error) {
	path, err := d.file(name)
	if err != nil {
		return nil, err
	}
	return load(path, MaxBody)
}

func load(path string, maxBody int) ([]byte, error) {
	// Save makes neither links nor pipes, and to open a pipe would wait for its writer.
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("stored state: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, &DamagedError{Path: path, Found: "no regular file", Expected: "one"}
	}
	if size, most := info.Size(), maxSize(maxBody); size > most {
		return nil, &DamagedError{Path: path, Found: fmt.Sprintf("%d bytes", size), Expected: fmt.Sprintf("at most %d", most)}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("stored state: %w", err)
	}
	return decode(path, content)
}

// Save stores the body in one step, and has it on disk when it returns. It refuses
// with a *[DamagedError] to overwrite a damaged file. After any other error the old
// body is there still, or the new one where only the syncing of the directory failed.
func (d *Dir) Save(name string, body []byte) error {
	path, err := d.file(name)
	if err != nil {
		return err
	}
	if len(body) > MaxBody {
		return fmt.Errorf("stored state %s: %d bytes, want at most %d", path, len(body), MaxBody)
	}
	// The old file is read, though the device read it when it started: what
	// happened to it since must not be lost unseen either.
	if _, err := load(path, MaxBody); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := replace(path, header(body), body); err != nil {
		return fmt.Errorf("stored state: %w", err)
	}
	return nil
}

// replace writes the parts of a content beside path, syncs them, and only then
// gives them the name.
func replace(path string, parts ...[]byte) error {
	dir, file := filepath.Split(path)
	temp, err := os.CreateTemp(dir, strings.TrimSuffix(file, stateSuffix)+".*"+tempSuffix)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err == nil {
			_, err = temp.Write(p)
		}
	}
	if err == nil {
		err = temp.Sync()
	}
	err = cmp.Or(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		os.Remove(temp.Name()) // or else the next Open does it
		return err
	}
	return syncDir(dir)
}

// syncDir makes a renaming last, which is a change of the directory, not of the file.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return cmp.Or(dir.Sync(), dir.Close())
}
