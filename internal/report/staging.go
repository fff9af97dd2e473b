package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// staging writes the files of a directory under other names, and gives them
// theirs once all are on the disk. A directory is never left with half a file.
type staging struct {
	dir     string
	names   []string
	digests map[string]string // of the files so far, by name
	err     error             // the first; after it nothing is written
}

// pendingSuffix ends the name of a file that is not complete.
const pendingSuffix = ".part"

// WriteFile writes one file as a whole, or leaves what was there before.
func WriteFile(path string, write func(io.Writer) error) error {
	s := newStaging(filepath.Dir(path))
	s.put(filepath.Base(path), write)
	return s.finish()
}

// newStaging makes the directory if it is missing.
func newStaging(dir string) *staging {
	s := &staging{dir: dir, digests: map[string]string{}}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		s.err = fmt.Errorf("no directory for the results: %w", err)
	}
	return s
}

// put writes one file.
func (s *staging) put(name string, write func(io.Writer) error) {
	if s.err != nil {
		return
	}
	digest := sha256.New()
	s.names = append(s.names, name)
	if err := s.write(s.path(name)+pendingSuffix, digest, write); err != nil {
		s.err = fmt.Errorf("cannot write %s: %w", s.path(name), err)
		return
	}
	s.digests[name] = "sha256:" + hex.EncodeToString(digest.Sum(nil))
}

func (s *staging) path(name string) string { return filepath.Join(s.dir, name) }

func (s *staging) write(path string, digest hash.Hash, write func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(io.MultiWriter(f, digest), 1<<16)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = f.Sync() // a full disk may not say so before
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// finish gives the files their names, in the order in which they were put, or
// takes back all of them after an error.
func (s *staging) finish() error {
	if s.err != nil {
		for _, name := range s.names {
			os.Remove(s.path(name) + pendingSuffix)
		}
		return s.err
	}
	for _, name := range s.names {
		if err := os.Rename(s.path(name)+pendingSuffix, s.path(name)); err != nil {
			return err
		}
	}
	return nil
}
