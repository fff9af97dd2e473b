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
	// A person may keep other files here, so only names that Save makes are taken.
	file, err := openLocked(path, lockName, func(name string) bool { return checkName(name) == nil })
	if err != nil {
		return nil, err
	}
	return &Dir{path: path, lock: file}, nil
}

// openLocked makes a directory, locks the file in it that is there to be locked,
// and removes the leftovers of states with such names.
func openLocked(path, name string, ours func(name string) bool) (*os.File, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(path, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if err := lock(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("state directory %s: %w", path, err)
	}
	if err := removeLeftovers(path, ours); err != nil {
		file.Close()
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return file, nil
}

// Close unlocks the directory. The Dir must not be used afterwards.
func (d *Dir) Close() error { return d.lock.Close() }

func removeLeftovers(path string, ours func(name string) bool) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if !ours(name) || !strings.HasSuffix(e.Name(), tempSuffix) {
			continue
		}
		if err := os.Remove(filepath.Join(path, e.Name())); err != nil {
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
