package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The largest files that are read, in bytes. A file is in memory as a whole.
const (
	maxSmallFile = 16 << 20  // certificates, keys, passwords, names of settings
	maxProfile   = 256 << 20 // twice what any device takes (FV-NET-1)
)

// readFile reads the file that a flag names. An interrupt ends the reading, even
// of a pipe that no program writes to.
func readFile(e *env, name string, limit int64) ([]byte, error) {
	return interruptible(e.ctx, func() ([]byte, error) {
		file, err := os.Open(name)
		if err != nil {
			return nil, cannot(err, "")
		}
		defer file.Close()
		return readLimited(file, name, limit)
	})
}

// readInput reads a file as readFile does, or standard input for "-".
func readInput(e *env, name string) ([]byte, error) {
	if name != "-" {
		return readFile(e, name, maxProfile)
	}
	return interruptible(e.ctx, func() ([]byte, error) { return readLimited(e.in, "standard input", maxProfile) })
}

// An input is a file or standard input that is read in pieces. An interrupt ends
// Read, even of a pipe that no program writes to.
type input struct {
	ctx       context.Context
	name      string // as the user gave it
	from      io.Reader
	temporary *os.File // what section has made, or nil
}

func openInput(e *env, name string) (*input, error) {
	if name == "-" {
		return &input{ctx: e.ctx, name: name, from: e.in}, nil
	}
	file, err := interruptible(e.ctx, func() (*os.File, error) { return os.Open(name) })
	if err != nil {
		return nil, cannot(err, "")
	}
	return &input{ctx: e.ctx, name: name, from: file}, nil
}

func (in *input) Read(p []byte) (int, error) {
	return interruptible(in.ctx, func() (int, error) { return in.from.Read(p) })
}

// section returns the input for reads at any offset. A pipe has no offsets: all that
// comes from it is copied to a temporary file first.
func (in *input) section() (*io.SectionReader, error) {
	if file, ok := in.from.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			at, err := file.Seek(0, io.SeekCurrent)
			return io.NewSectionReader(file, at, info.Size()-at), err
		}
	}
	var err error
	if in.temporary, err = os.CreateTemp("", "provsim-"); err != nil {
		return nil, err
	}
	size, err := io.Copy(in.temporary, io.LimitReader(in, maxProfile+1))
	if err == nil && size > maxProfile {
		err = fmt.Errorf("%s is larger than %d bytes; a regular file may be", in.name, maxProfile)
	}
	return io.NewSectionReader(in.temporary, 0, size), err
}

func (in *input) close() {
	if file, ok := in.from.(*os.File); ok {
		file.Close()
	}
	if in.temporary != nil {
		in.temporary.Close()
		os.Remove(in.temporary.Name())
	}
}

// interruptible returns what read returns, or the context's error if the context
// ends first. The read goes on then and is of no use: a blocked read cannot be
// ended.
func interruptible[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := read()
		done <- answer{value, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}

func readLimited(in io.Reader, name string, limit int64) ([]byte, error) {
	var text bytes.Buffer
	if file, ok := in.(*os.File); ok {
		if info, err := file.Stat(); err == nil {
			text.Grow(int(min(info.Size(), limit)) + bytes.MinRead) // a large file is not copied while the buffer grows
		}
	}
	switch n, err := text.ReadFrom(io.LimitReader(in, limit+1)); {
	case err != nil:
		return nil, cannot(err, "")
	case n > limit:
		return nil, cannot(fmt.Errorf("%s is larger than %d bytes", name, limit), "")
	}
	return text.Bytes(), nil
}

// privateFile is the mode of a file that only its owner reads; sharedFile leaves
// the decision to the umask.
const privateFile, sharedFile = 0o600, 0o666

// writeOutput writes a file, or standard output for "-", while fill makes what comes
// next. A file that is there is replaced as a whole or stays as it was. An interrupt
// ends it.
func writeOutput(e *env, name string, mode os.FileMode, fill func(io.Writer) error) error {
	write := func(to io.Writer) error {
		out, in := io.Pipe()
		written := make(chan error, 1)
		go func() {
			_, err := io.CopyBuffer(&interruptedWriter{e.ctx, to}, out, make([]byte, 256<<10))
			out.CloseWithError(err)
			written <- err
		}()
		err := fill(in)
		in.Close()
		return cmp.Or(err, <-written)
	}
	if name == "-" {
		return write(e.out)
	}
	return replaceFile(name, mode, write)
}

// interruptedWriter takes no more after an interrupt.
type interruptedWriter struct {
	ctx context.Context
	to  io.Writer
}

func (w *interruptedWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(p)
}

// replaceFile writes a file beside the one that it replaces, and renames it. A
// shared file keeps the mode of the one before. A device or a pipe is written to.
func replaceFile(name string, mode os.FileMode, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	info, err := os.Stat(name)
	there := err == nil
	part, flag := name, os.O_TRUNC
	if !there || info.Mode().IsRegular() {
		part, flag = name+"."+rand.Text()[:8]+".part", os.O_EXCL
	}
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|flag, mode)
	if err != nil {
		return err
	}
	err = write(file)
	if err == nil && there && mode == sharedFile && part != name {
		err = file.Chmod(info.Mode().Perm())
	}
	err = cmp.Or(err, file.Close())
	if part == name {
		return err
	}
	if err == nil {
		err = os.Rename(part, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return nil
}
