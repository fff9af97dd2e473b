package main

import (
	"fmt"

	"provsim/internal/nearest"
)

// The exit codes of the contract.
const (
	exitFound       = 1 // something was found wrong
	exitUsage       = 2
	exitCannot      = 3 // could not run
	exitInvalid     = 4 // this machine, not the server, was the limit
	exitInterrupted = 130
)

// exitCodes says what the codes mean, the same for all commands.
var exitCodes = []struct {
	code    int
	meaning string
}{
	{0, "all is well"},
	{exitFound, "something was found wrong: a phone failed, a threshold or a check failed, a file has errors"},
	{exitUsage, "wrong usage, or a run that would have nothing to do"},
	{exitCannot, "could not run: no permission, a port in use, a file that cannot be read or written"},
	{exitInvalid, "the run is invalid: this machine, not the server, was the limit"},
	{exitInterrupted, "interrupted"},
}

// fault is an error with its exit code and a hint for the user.
type fault struct {
	code int
	err  error // nil: the command has printed all
	hint string
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func usage(err error, hint string) error  { return &fault{exitUsage, err, hint} }
func cannot(err error, hint string) error { return &fault{exitCannot, err, hint} }

// found ends a command that has printed what it found to be wrong.
func found() error { return &fault{code: exitFound} }

// unknown returns the error for a word that is not known. It names the nearest
// known one.
func unknown(what, word string, known []string) error {
	if near, ok := nearest.Name(word, known); ok {
		return fmt.Errorf("unknown %s %q, did you mean %q?", what, word, near)
	}
	return fmt.Errorf("unknown %s %q", what, word)
}
