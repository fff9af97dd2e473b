package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"provsim/internal/nearest"
)

// env is what a command has of the world. Data goes to out, talk goes to err.
type env struct {
	ctx  context.Context // ends when the user interrupts
	hard context.Context // ends when the user interrupts again
	args []string
	in   io.Reader
	out  io.Writer
	err  io.Writer
}

// command is one of provsim's commands. Its flags exist only between setup and
// the run function that setup returns.
type command struct {
	name  string
	args  string // what follows the flags
	short string // one line, for the list of commands
	long  string // the rest of its help, with an example at the end
	setup func(*pflag.FlagSet) func(*env, []string) error
}

// commands returns the commands in the order in which help lists them.
func commands() []command {
	return []command{
		demoCommand, labCommand, phoneCommand, fleetCommand, planCommand, checkCommand,
		expandCommand, ruleCommand, encryptCommand, decryptCommand, lintCommand,
		reportCommand,
		{name: "help", args: "[COMMAND]", short: "explain a command", setup: setupHelp},
		versionCommand,
		{
			name: "completion", args: "bash|zsh|fish", short: "print a completion script for a shell",
			long: completionHelp, setup: setupCompletion,
		},
	}
}

func findCommand(name string) (command, error) {
	var names []string
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	return command{}, usage(unknown("command", name, names), "run 'provsim help' for the commands")
}

// The exit codes of the contract.
const (
	exitFound       = 1 // something was found wrong
	exitUsage       = 2
	exitCannot      = 3 // could not run
	exitInvalid     = 4 // this machine, not the server, was the limit
	exitInterrupted = 130
)

// fault is an error that knows its exit code, and what the user may do.
type fault struct {
	code int
	err  error // nil: all has been said
	hint string
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func usage(err error, hint string) error  { return &fault{exitUsage, err, hint} }
func cannot(err error, hint string) error { return &fault{exitCannot, err, hint} }

// found ends a command whose finding has been printed.
func found() error { return &fault{code: exitFound} }

// unknown says that a word is none of those that are known, and which is the
// nearest.
func unknown(what, word string, known []string) error {
	if near, ok := nearest.Name(word, known); ok {
		return fmt.Errorf("unknown %s %q, did you mean %q?", what, word, near)
	}
	return fmt.Errorf("unknown %s %q", what, word)
}

// execute runs the command that the arguments name and returns the exit code.
// Messages begin with "provsim: ", in lower case and without a full stop.
func execute(e *env) int {
	err := dispatch(e)
	if e.ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return exitInterrupted
	}
	if err == nil {
		return 0
	}
	f := &fault{code: exitCannot, err: err}
	errors.As(err, &f)
	if f.err != nil {
		fmt.Fprintf(e.err, "provsim: error: %v\n", err)
	}
	if f.hint != "" {
		fmt.Fprintf(e.err, "provsim: hint: %s\n", f.hint)
	}
	return f.code
}

func dispatch(e *env) error {
	if len(e.args) == 0 {
		printCommands(e.err)
		return &fault{code: exitUsage}
	}
	name := e.args[0]
	switch name {
	case "-h", "--help":
		printCommands(e.out)
		return nil
	case "--version":
		name = "version"
	}
	c, err := findCommand(name)
	if err != nil {
		return err
	}
	fs := flagSet(c.name)
	run := c.setup(fs)
	switch err := fs.Parse(e.args[1:]); {
	case errors.Is(err, pflag.ErrHelp):
		printHelp(e.out, c)
		return nil
	case err != nil:
		return usage(flagError(fs, err), "run 'provsim help "+c.name+"' for its flags")
	}
	return run(e, fs.Args())
}

// flagSet returns an empty set of flags in the order of their definition.
func flagSet(name string) *pflag.FlagSet {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	return fs
}

// flagError names the nearest flag to one that does not exist.
func flagError(fs *pflag.FlagSet, err error) error {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) {
		return err
	}
	name := missing.GetSpecifiedName()
	if len(name) == 1 {
		return fmt.Errorf("unknown flag -%s", name)
	}
	if near, ok := nearest.Name(name, flagNames(fs)); ok {
		return fmt.Errorf("unknown flag --%s, did you mean --%s?", name, near)
	}
	return fmt.Errorf("unknown flag --%s", name)
}

func flagNames(fs *pflag.FlagSet) []string {
	var names []string
	fs.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// wantArgs checks the number of arguments; most -1 is any number.
func wantArgs(args []string, least, most int, what string) error {
	if len(args) < least || most >= 0 && len(args) > most {
		return usage(fmt.Errorf("found %d arguments, want %s", len(args), what), "")
	}
	return nil
}

// printCommands writes the list of commands.
func printCommands(w io.Writer) {
	fmt.Fprint(w, "provsim emulates the provisioning firmware of VoIP phones.\n\nUsage: provsim COMMAND [FLAGS] [ARGUMENTS]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-11s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\nRun 'provsim help COMMAND' for a command's flags, 'provsim demo' for a first look.\n")
}

// printHelp writes what there is to know of one command.
func printHelp(w io.Writer, c command) {
	fs := flagSet(c.name)
	c.setup(fs)
	words := slices.DeleteFunc([]string{"provsim", c.name, flagsWord(fs), c.args}, func(s string) bool { return s == "" })
	fmt.Fprintf(w, "Usage: %s\n\n%s\n", strings.Join(words, " "), sentence(c.short))
	if c.long != "" {
		fmt.Fprintf(w, "\n%s\n", strings.Trim(c.long, "\n"))
	}
	if fs.HasFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", fs.FlagUsagesWrapped(100))
	}
}

func flagsWord(fs *pflag.FlagSet) string {
	if fs.HasFlags() {
		return "[FLAGS]"
	}
	return ""
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

func setupHelp(*pflag.FlagSet) func(*env, []string) error {
	return func(e *env, args []string) error {
		if err := wantArgs(args, 0, 1, "one command or none"); err != nil {
			return err
		}
		if len(args) == 0 {
			printCommands(e.out)
			return nil
		}
		c, err := findCommand(args[0])
		if err != nil {
			return err
		}
		printHelp(e.out, c)
		return nil
	}
}
