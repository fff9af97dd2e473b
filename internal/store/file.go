package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// MaxFile is the largest body in bytes of a File: a million devices with
// memories of their own.
const MaxFile = 1 << 30

// A File is one locked state in a directory, such as a whole fleet's. Files of
// different names in one directory may be open at the same time, in different
// processes; so may a [Dir].
type File struct {
	path string
	lock *os.File
}

// OpenFile locks the state NAME.state in the directory dir, which it creates where
// it is missing, and removes the leftovers of saves that did not end. Close the
// File to unlock it. The error is [ErrLocked] where it is in use.
func OpenFile(dir, name string) (*File, error) {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return nil, fmt.Errorf("name %q of a stored state: want lower-case letters, digits and hyphens", name)
	}
	file, err := openLocked(dir, name+"."+lockName, func(other string) bool { return other == name })
	if err != nil {
		return nil, err
	}
	return &File{path: filepath.Join(dir, name+stateSuffix), lock: file}, nil
}

// Path returns where the state is.
func (f *File) Path() string { return f.path }

// Load returns the body that was saved last, and the error is as that of
// [Dir.Load].
func (f *File) Load() ([]byte, error) { return load(f.path, MaxFile) }

// Save stores the parts, one behind the other, in one step, and has them on disk
// when it returns. After an error the old body is still there, or the new one if only
// the syncing of the directory failed. Unlike [Dir.Save] it does not check the file that
// it replaces: the caller has loaded it.
func (f *File) Save(parts ...[]byte) error {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	if size > MaxFile {
		return fmt.Errorf("stored state %s: %d bytes, want at most %d", f.path, size, MaxFile)
	}
	if err := replace(f.path, append([][]byte{header(parts...)}, parts...)...); err != nil {
		return fmt.Errorf("stored state: %w", err)
	}
	return nil
}

// Close unlocks the state. The File must not be used afterwards.
func (f *File) Close() error { return f.lock.Close() }
