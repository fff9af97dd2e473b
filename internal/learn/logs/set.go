package logs

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

// Set is the logs of one or several servers.
type Set struct {
	options Options
	waiting []*file // by their begins
	open    []*file
	all     []*file
	pipes   []*os.File
	last    *file // whose entry Next has returned
	read    atomic.Int64
	done    chan struct{}
}

// ErrNothing means that no file has a line that a format could be recognised from.
var ErrNothing = errors.New("the logs are empty")

// Open looks into each file, or standard input for "-", and orders them by their begins.
// Of files with the same begin, as a rotated one and its compressed copy, one is read.
// A path that is no regular file, such as a pipe, is opened once.
func Open(paths []string, stdin io.Reader, o Options) (_ *Set, err error) {
	s := &Set{options: o, done: make(chan struct{})}
	defer func() {
		if err != nil {
			s.closePipes()
		}
	}()
	var given *format
	if o.Format != "" {
		if given, err = chosen(o.Format); err != nil {
			return nil, err
		}
	}
	seed := maphash.MakeSeed()
	for _, path := range paths {
		f := &file{File: File{Name: path}, path: path}
		if err := s.hold(f, stdin); err != nil {
			return nil, err
		}
		if err := f.look(&o, given, seed); err != nil {
			return nil, err
		}
		s.all = append(s.all, f)
		if f.format == nil {
			continue
		}
		same := slices.IndexFunc(s.waiting, func(other *file) bool { return other.digest == f.digest && other.digest != 0 })
		if same >= 0 {
			f.Same = s.waiting[same].Name
			continue
		}
		s.waiting = append(s.waiting, f)
	}
	if len(s.waiting) == 0 {
		return nil, ErrNothing
	}
	slices.SortStableFunc(s.waiting, func(a, b *file) int { return cmp.Compare(a.begin, b.begin) })
	return s, nil
}

// hold opens what can be read only once: standard input, and a pipe.
func (s *Set) hold(f *file, stdin io.Reader) error {
	in := stdin
	if f.path == "-" {
		f.Name = "standard input"
	} else {
		info, err := os.Stat(f.path)
		if err != nil || info.Mode().IsRegular() {
			return nil // look opens it, and says what is wrong
		}
		pipe, err := os.Open(f.path)
		if err != nil {
			return err
		}
		s.pipes = append(s.pipes, pipe)
		in = pipe
	}
	unpacked, _, err := decompressed(&counter{in, &s.read, s.options.Progress})
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	f.once = bufio.NewReaderSize(unpacked, peekSize)
	return nil
}

// Size returns how many bytes the files have on disk.
func Size(paths []string) (size int64) {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			size += info.Size()
		}
	}
	return size
}

// Next returns the earliest entry that was not returned yet, as far as each file is in
// order. The error is io.EOF at the end.
func (s *Set) Next() (*Entry, error) {
	if f := s.last; f != nil {
		f.at++
		if !f.fill() {
			s.open = slices.DeleteFunc(s.open, func(o *file) bool { return o == f })
		}
		s.last = nil
	}
	for {
		var first *file
		for _, f := range s.open {
			if first == nil || f.current.entries[f.at].At < first.current.entries[first.at].At {
				first = f
			}
		}
		if len(s.waiting) == 0 || first != nil && first.current.entries[first.at].At < s.waiting[0].begin {
			if first == nil {
				return nil, io.EOF
			}
			s.last = first
			return &first.current.entries[first.at], nil
		}
		s.start(s.waiting[0])
		s.waiting = s.waiting[1:]
	}
}

// start begins to read a file.
func (s *Set) start(f *file) {
	const blocks = 4
	f.batches, f.free = make(chan *batch, blocks), make(chan *batch, blocks)
	for range blocks {
		f.free <- &batch{block: make([]byte, blockSize)}
	}
	go f.read(&s.options, &s.read, s.done)
	if f.fill() {
		s.open = append(s.open, f)
	}
}

// fill gets the next entries where there are no more; false: the file has ended.
func (f *file) fill() bool {
	if f.current != nil && f.at < len(f.current.entries) {
		return true
	}
	if f.current != nil {
		f.free <- f.current
	}
	next, ok := <-f.batches
	f.current, f.at = next, 0
	return ok
}

// Close ends the reading. It is to be called once, also after an error.
func (s *Set) Close() {
	close(s.done)
	s.closePipes()
}

func (s *Set) closePipes() {
	for _, pipe := range s.pipes {
		pipe.Close()
	}
}

// Files says what was read of each file. It is called after the end.
func (s *Set) Files() []File {
	list := make([]File, len(s.all))
	for i, f := range s.all {
		list[i] = f.File
	}
	return list
}

// clock returns a reader of times.
func (o *Options) clock() *clock {
	c := &clock{zone: o.Zone, now: o.Now}
	if c.zone == nil {
		c.zone = time.UTC
	}
	return c
}
