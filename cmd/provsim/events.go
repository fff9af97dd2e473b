package main

import (
	"bytes"
	"os"
)

// openEvents makes a journal's file. That of a run that goes on is made longer.
func openEvents(path string, goesOn bool) (*os.File, error) {
	if !goesOn {
		return os.Create(path)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	if err := cutHalfLine(file); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// cutHalfLine takes away what a process that was killed has written of its last
// line. A line is far shorter than what is looked at; a file without a line end in
// it is no journal, and stays.
func cutHalfLine(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return err
	}
	tail := make([]byte, min(info.Size(), 1<<20))
	from := info.Size() - int64(len(tail))
	if _, err := file.ReadAt(tail, from); err != nil {
		return err
	}
	if end := bytes.LastIndexByte(tail, '\n'); end >= 0 {
		return file.Truncate(from + int64(end) + 1)
	}
	return nil
}
