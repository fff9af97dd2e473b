package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/profile"
)

var lintCommand = command{
	name:  "lint",
	args:  "FILE...",
	short: "check configuration files",
	long: `
Each finding has its file, line and column, says what is wrong, and why it matters.
The exit code is 1 for errors, and 0 for only warnings. An encrypted file
has to be decrypted first; - is standard input. Without --vendor the content of a
file says whose phones it is for.

  provsim lint *.conf`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		asJSON := fs.Bool("json", false, "print one JSON object a line")
		vendor := fs.String("vendor", "", "`NAME` of the phones' vendor: "+strings.Join(vendors.Names(), ", ")+" (default by the content of each file, or "+vendors.Default().Name+")")
		names := fs.String("names", "", "`FILE` of lines 'Web Name=FILE_NAME' that rename settings in configuration files")
		return func(e *env, args []string) error {
			if err := wantArgs(args, 1, -1, "at least one file"); err != nil {
				return err
			}
			var named *device.Personality
			if *vendor != "" {
				var err error
				if named, err = vendors.Lookup(*vendor); err != nil {
					return usage(err, "")
				}
			}
			bad := false
			tables := map[*device.Personality]profile.Table{}
			var all vendors.Recogniser
			for _, file := range args {
				body, err := readInput(e, file)
				if err != nil {
					return err
				}
				p := named
				if p == nil {
					p = recognised(e, &all, file, body)
				}
				if _, ok := tables[p]; !ok {
					if tables[p], err = renamed(e, p.Parameters, *names); err != nil {
						return err
					}
				}
				for _, f := range p.Lint(file, body, tables[p]) {
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

// recognised returns the firmware of the phones that a file looks to be for, and says so
// where they are not the default vendor's.
func recognised(e *env, all *vendors.Recogniser, file string, body []byte) *device.Personality {
	p, known := all.Recognise(body)
	if !known {
		return vendors.Default()
	}
	if p != vendors.Default() {
		fmt.Fprintf(e.err, "provsim: %s looks like a file for phones of %s; --vendor chooses another\n", file, p.Vendor)
	}
	return p
}

func printFinding(e *env, f profile.Finding, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.out).Encode(f)
	}
	_, err := fmt.Fprintln(e.out, f)
	return err
}
