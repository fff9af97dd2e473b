package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// printCommands writes the list of commands.
func printCommands(w io.Writer) {
	fmt.Fprint(w, "provsim emulates the provisioning firmware of VoIP phones.\n\nUsage: provsim COMMAND [FLAGS] [ARGUMENTS]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-11s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\nExit codes:\n")
	for _, e := range exitCodes {
		fmt.Fprintf(w, "  %-11d %s\n", e.code, e.meaning)
	}
	fmt.Fprint(w, "\nAn environment variable such as PROVSIM_FLEET_DEVICES sets a flag that is not given.\n")
	fmt.Fprint(w, "Run 'provsim help COMMAND' for a command's flags, 'provsim demo' for a first look.\n")
}

// printHelp writes the help text of one command.
func printHelp(w io.Writer, c command) {
	fs := flagSet(c.name)
	if c.setup != nil {
		c.setup(fs)
	}
	fmt.Fprintf(w, "Usage: %s\n\n%s\n", c.line(fs), sentence(c.short))
	if c.long != "" {
		fmt.Fprintf(w, "\n%s\n", strings.Trim(c.long, "\n"))
	}
	if c.parts != nil {
		fmt.Fprintln(w)
		for _, p := range c.parts {
			fmt.Fprintf(w, "  %-24s %s\n", p.name, p.short)
		}
	}
	if fs.HasFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", fs.FlagUsagesWrapped(100))
	}
}

// line returns how a command is typed.
func (c command) line(fs *pflag.FlagSet) string {
	words := slices.DeleteFunc([]string{"provsim", c.name, flagsWord(fs), c.args}, func(s string) bool { return s == "" })
	return strings.Join(words, " ")
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
		if err := wantArgs(args, 0, 2, "at most one command"); err != nil {
			return err
		}
		if len(args) == 0 {
			printCommands(e.out)
			return nil
		}
		c, err := findCommand(args[0])
		if err == nil && len(args) == 2 {
			c, err = c.part(args[1])
		}
		if err != nil {
			return err
		}
		printHelp(e.out, c)
		return nil
	}
}
