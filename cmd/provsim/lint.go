package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/pflag"

	"provsim/device/flyingvoice"
	"provsim/profile"
)

var lintCommand = command{
	name:  "lint",
	args:  "FILE...",
	short: "check configuration files",
	long: `
Each finding is printed with its file, line and column, what it is and why it
matters. Warnings alone end with exit code 0, errors with 1. An encrypted file
has to be decrypted first; - is standard input.

  provsim lint *.conf`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		asJSON := fs.Bool("json", false, "print one JSON object a line")
		names := fs.String("names", "", "`FILE` of lines 'Web Name=FILE_NAME' that rename settings in configuration files")
		return func(e *env, args []string) error {
			if err := wantArgs(args, 1, -1, "at least one file"); err != nil {
				return err
			}
			table, err := renamed(flyingvoice.Personality.Parameters, *names)
			if err != nil {
				return err
			}
			bad := false
			for _, file := range args {
				body, err := readInput(e, file)
				if err != nil {
					return err
				}
				for _, f := range profile.Lint(file, body, table) {
					bad = bad || f.Severity == profile.Error
					if err := printFinding(e, f, *asJSON); err != nil {
						return err
					}
				}
			}
			if bad {
				return found()
			}
			return nil
		}
	},
}

func printFinding(e *env, f profile.Finding, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.out).Encode(f)
	}
	_, err := fmt.Fprintln(e.out, f)
	return err
}
