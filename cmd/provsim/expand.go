package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/macro"
)

var expandCommand = command{
	name:  "expand",
	args:  "TEXT...",
	short: "print each text with its macros expanded",
	long: `
Each text is printed on a line of its own. Quote it, so that the shell leaves
the $ alone:

  provsim expand --mac 0021f2011b19 'http://prov.example.com/$PN/$MAU.conf'`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		var id identityFlags
		var quirks quirkFlags
		id.add(fs)
		id.addVendor(fs)
		quirks.add(fs)
		return func(e *env, args []string) error {
			p, err := id.personality(e)
			if err != nil {
				return err
			}
			if quirks.list {
				return listQuirks(e, p)
			}
			if err := wantArgs(args, 1, -1, "at least one text"); err != nil {
				return err
			}
			vars, syntax, err := expansion(p, &id, &quirks)
			if err != nil {
				return err
			}
			for _, text := range args {
				if _, err := fmt.Fprintln(e.out, macro.Expand(text, vars, syntax)); err != nil {
					return err
				}
			}
			return nil
		}
	},
}

// expansion returns the variables and the macro syntax of the device that the
// flags describe, of a vendor.
func expansion(p *device.Personality, id *identityFlags, quirks *quirkFlags) (macro.Vars, macro.Syntax, error) {
	identity, err := id.identity(p)
	if err != nil {
		return nil, macro.Syntax{}, err
	}
	addr, err := id.addr()
	if err != nil {
		return nil, macro.Syntax{}, err
	}
	q, err := quirks.parse(p)
	if err != nil {
		return nil, macro.Syntax{}, err
	}
	return p.Vars(identity, device.Lease{Addr: addr}), p.Macros(q), nil
}
