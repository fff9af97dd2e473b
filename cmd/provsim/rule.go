package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/profile/rule"
)

var ruleCommand = command{
	name:  "rule",
	args:  "TEXT",
	short: "print what a Profile Rule or Upgrade Rule means",
	long: `
The parts are printed as they are written, and then where the device that the
flags describe would fetch from. A key or a password is never printed.

  provsim rule '[--key 123456] https://prov.example.com/$MAU.conf'`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		var id identityFlags
		var quirks quirkFlags
		id.add(fs)
		id.addVendor(fs)
		quirks.add(fs)
		upgrade := fs.Bool("upgrade", false, "read the text as an Upgrade Rule, which takes no key")
		server := fs.String("option66", "", "`SERVER` of a rule without a host")
		return func(e *env, args []string) error {
			p, err := id.personality(e)
			if err != nil {
				return err
			}
			if quirks.list {
				return listQuirks(e, p)
			}
			if err := wantArgs(args, 1, 1, "one rule, in quotes"); err != nil {
				return err
			}
			m := device.NewModel(p, defaultCipher())
			identity, err := id.identity(p)
			if err != nil {
				return err
			}
			addr, err := id.addr()
			if err != nil {
				return err
			}
			if m.Quirks, err = quirks.parse(p); err != nil {
				return err
			}
			return explain(e, m, identity, device.Lease{Addr: addr, Offer: device.TextOffer(66, *server)}, args[0], *upgrade)
		}
	},
}

// explain prints a rule part by part.
func explain(e *env, m *device.Model, id device.Identity, lease device.Lease, text string, upgrade bool) error {
	parts, wrong := m.Personality.Explain(m, id, lease, text, upgrade)
	for _, p := range parts {
		line := fmt.Sprintf("%-9s %s", p.Name, p.Text)
		switch {
		case p.Text == "":
			continue
		case p.Name == "":
			line = p.Text
		}
		if _, err := fmt.Fprintln(e.out, line); err != nil {
			return err
		}
	}
	if wrong != nil {
		return ruleFound(e, wrong)
	}
	return nil
}

// ruleFound reports a rule's error with a caret under its column.
func ruleFound(e *env, err error) error {
	var bad *rule.Error
	if errors.As(err, &bad) {
		fmt.Fprintln(e.err, bad.Caret())
	}
	return &fault{code: exitFound, err: err}
}
