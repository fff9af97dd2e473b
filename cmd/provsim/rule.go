package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/profile"
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
		quirks.add(fs)
		upgrade := fs.Bool("upgrade", false, "read the text as an Upgrade Rule, which takes no key")
		server := fs.String("option66", "", "`SERVER` of a rule without a host")
		return func(e *env, args []string) error {
			if quirks.list {
				return listQuirks(e)
			}
			if err := wantArgs(args, 1, 1, "one rule, in quotes"); err != nil {
				return err
			}
			parse := profile.ParseRule
			if *upgrade {
				parse = profile.ParseUpgradeRule
			}
			rule, err := parse(args[0])
			if err != nil {
				return ruleFound(e, err)
			}
			vars, syntax, err := expansion(&id, &quirks, *server)
			if err != nil {
				return err
			}
			return explain(e, rule, rule.Expand(vars, syntax), *server)
		}
	},
}

// explain prints a rule part by part.
func explain(e *env, r, expanded profile.Rule, server string) error {
	if r.IsZero() {
		_, err := fmt.Fprintln(e.out, "no rule: nothing is fetched, and that is no failure (FV-RULE-7)")
		return err
	}
	secret := func(set bool) string {
		if set {
			return "set, not shown"
		}
		return "none"
	}
	or := func(text, otherwise string) string {
		if text == "" {
			return otherwise
		}
		return text
	}
	target, targetErr := expanded.Target(server)
	fetches := ""
	switch {
	case errors.Is(targetErr, profile.ErrNoServer):
		fetches = "nothing: no server is known (outcome no-server), --option66 names one"
	case targetErr == nil:
		fetches = device.Request{Scheme: target.Scheme, Host: target.Host, Port: target.Port, Path: target.Path}.URL()
	}
	for _, line := range [][2]string{
		{"rule", r.Redacted()},
		{"key", secret(r.Keyed)},
		{"scheme", or(r.Scheme, "tftp, because none is written (FV-RULE-3)")},
		{"user", or(r.User, "none")},
		{"password", secret(r.Password != "")},
		{"host", or(r.Host, "the server that DHCP option 66 names (FV-RULE-3)")},
		{"port", or(r.Port, "the scheme's own (FV-RULE-4)")},
		{"path", r.Path},
		{"fetches", fetches},
	} {
		if line[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(e.out, "%-9s %s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	if targetErr != nil && !errors.Is(targetErr, profile.ErrNoServer) {
		return ruleFound(e, targetErr)
	}
	return nil
}

// ruleFound reports a rule's error with a caret under its column.
func ruleFound(e *env, err error) error {
	var bad *profile.RuleError
	if errors.As(err, &bad) {
		fmt.Fprintln(e.err, bad.Caret())
	}
	return &fault{code: exitFound, err: err}
}
