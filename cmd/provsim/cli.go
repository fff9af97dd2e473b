package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"provsim/fleet"
)

// env is what a command gets from the process. Data goes to out, messages go to
// err.
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
	words func() []string // what an argument may be, for completion; nil: files
	// parts are the commands that this one chooses from by its first argument. A
	// command with parts has no setup.
	parts []command
	// drains is set if the command obeys env.hard: it ends in order at the second
	// interrupt, and not at the first.
	drains bool
}

// commands returns the commands in the order in which help lists them.
func commands() []command {
	return []command{
		demoCommand, labCommand, phoneCommand, fleetCommand, planCommand, checkCommand,
		expandCommand, ruleCommand, encryptCommand, decryptCommand, lintCommand,
		reportCommand, learnCommand, vendorsCommand, explainCommand, serveCommand, unitManagerCommand, tunnelCommand,
		{name: "help", args: "[COMMAND]", short: "explain a command", setup: setupHelp},
		doctorCommand, versionCommand,
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

// part returns the command below c that a word names.
func (c command) part(word string) (command, error) {
	var words []string
	for _, p := range c.parts {
		own := strings.TrimPrefix(p.name, c.name+" ")
		if own == word {
			return p, nil
		}
		words = append(words, own)
	}
	return command{}, usage(unknown(c.args, word, words), "run 'provsim help "+c.name+"' for the list")
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
	if errors.Is(err, fleet.ErrNothingToDo) || errors.Is(err, fleet.ErrVendor) {
		f.code = exitUsage
	}
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
	args := e.args[1:]
	if c.parts != nil {
		switch {
		case len(args) == 0:
			printHelp(e.err, c)
			return &fault{code: exitUsage}
		case args[0] == "-h" || args[0] == "--help":
			printHelp(e.out, c)
			return nil
		}
		if c, err = c.part(args[0]); err != nil {
			return err
		}
		args = args[1:]
	}
	fs := flagSet(c.name)
	run := c.setup(fs)
	switch err := fs.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		printHelp(e.out, c)
		return nil
	case err != nil:
		return usage(flagError(fs, err), "run 'provsim help "+c.name+"' for its flags")
	}
	if err := setFromEnvironment(fs, os.LookupEnv); err != nil {
		return err
	}
	if err := checkEmpty(fs); err != nil {
		return err
	}
	return run(e, fs.Args())
}

// setFromEnvironment sets the flags of a command that were not given from variables
// such as PROVSIM_FLEET_DEVICES.
func setFromEnvironment(fs *pflag.FlagSet, lookup func(string) (string, bool)) (err error) {
	upper := strings.NewReplacer(" ", "_", "-", "_")
	fs.VisitAll(func(f *pflag.Flag) {
		name := upper.Replace(strings.ToUpper("PROVSIM_" + fs.Name() + "_" + f.Name))
		value, ok := lookup(name)
		if !ok || f.Changed || err != nil {
			return
		}
		if set := fs.Set(f.Name, value); set != nil {
			err = usage(fmt.Errorf("%s: %w", name, flagError(fs, set)), "run 'provsim help "+fs.Name()+"' for its flags")
		}
	})
	return err
}

// flagSet returns an empty set of flags in the order of their definition.
func flagSet(name string) *pflag.FlagSet {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	return fs
}

func flagNames(fs *pflag.FlagSet) []string {
	var names []string
	fs.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// wantArgs checks the number of arguments; most -1 is any number.
func wantArgs(args []string, least, most int, what string) error {
	if len(args) < least || most >= 0 && len(args) > most {
		found := fmt.Sprintf("%d arguments", len(args))
		if len(args) == 1 {
			found = "1 argument"
		}
		return usage(fmt.Errorf("found %s, want %s", found, what), "")
	}
	return nil
}
