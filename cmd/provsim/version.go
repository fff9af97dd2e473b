package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"
)

var versionCommand = command{
	name:  "version",
	short: "print the version of provsim",
	setup: func(*pflag.FlagSet) func(*env, []string) error {
		return func(e *env, args []string) error {
			if err := wantArgs(args, 0, 0, "none"); err != nil {
				return err
			}
			_, err := fmt.Fprintf(e.out, "provsim %s %s %s/%s\n", strings.TrimSpace(version()+" "+released), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		}
	},
}

// release and released are the version and the date of a release; dist/build sets
// them.
var release, released string

// version returns the version of the release, or that of the build, which names its
// commit.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
