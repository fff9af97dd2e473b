package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrLocked means that another process, or another Dir of this one, holds the directory.
var ErrLocked = errors.New("in use by another process; end that one or take another directory")

const (
	lockName    = "lock"
	stateSuffix = ".state"
	tempSuffix  = ".tmp"
)

// A Dir is an open state directory. Its methods may be called by several
// goroutines.
type Dir struct {
	path string
	lock *os.File
}

// Open locks the directory at path, which it creates where it is missing, and
// removes the leftovers of saves that did not end. Close the Dir to unlock it. The
// error is [ErrLocked] where it is in use.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	d := &Dir{path: path, lock: file}
	if err := lock(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("state directory %s: %w", path, err)
	}
	if err := d.removeLeftovers(); err != nil {
		file.Close()
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return d, nil
}

// Close unlocks the directory. The Dir must not be used afterwards.
func (d *Dir) Close() error { return d.lock.Close() }

// removeLeftovers takes only names that Save makes: a person may keep other files
// here.
func (d *Dir) removeLeftovers() error {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if checkName(name) != nil || !strings.HasSuffix(e.Name(), tempSuffix) {
			continue
		}
		if err := os.Remove(filepath.Join(d.path, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// file returns the path of a device's file.
func (d *Dir) file(name string) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	return filepath.Join(d.path, name+stateSuffix), nil
}

func checkName(name string) error {
	if len(name) != 12 || strings.Trim(name, "0123456789abcdef") != "" {
		return fmt.Errorf("name %q of a stored state: want 12 lower-case hex digits, such as 0021f2011b19", name)
	}
	return nil
}
