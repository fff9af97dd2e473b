package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/format"
	"provsim/internal/report"
)

var checkCommand = command{
	name:  "check",
	short: "ask a server setup whether devices can live with it, and whether it is safe",
	long: `
Checks only read, unless --allow says otherwise: heavy ones load the server as
a busy day would, destructive ones try what may change or stop it. A check whose
needs are not met is skipped and says what it misses; --target describes a whole
setup, with several phones, their certificates and what is declared.

The exit code is 1 if a check of level must or should fails.

  provsim check --profile-rule 'tftp://192.0.2.1/$MA.cfg' --mac 00:21:f2:01:1b:19
  provsim check --profile-rule 'https://prov.example.com/fv$(MAU).conf' \
      --mac 0021f2011b19 --ca cacert.pem --cert client.pem --key client.key
  provsim check --target setup.yaml --format sarif --out findings.sarif
  provsim check --explain tftp/4`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &checkRun{}
		c.targetFlags.add(fs)
		fs.BoolVar(&c.list, "list", false, "list the checks and exit")
		fs.StringVar(&c.explain, "explain", "", "tell all about the check with this `ID` and exit")
		fs.StringSliceVar(&c.options.Only, "only", nil, "only the checks with this `ID`, of this group or with this tag; repeatable")
		fs.StringSliceVar(&c.options.Skip, "skip", nil, "not the checks with this `ID`, of this group or with this tag; repeatable")
		fs.StringVar(&c.level, "level", "info", "the least `LEVEL` to ask for: info, should or must")
		fs.StringSliceVar(&c.allow, "allow", nil, "permit checks that are `heavy` or destructive; repeatable")
		fs.DurationVar(&c.options.Timeout, "check-timeout", conform.DefaultTimeout, "what one check may take")
		fs.DurationVar(&c.options.Patience, "patience", check.DefaultPatience, "how long to wait for an answer that should come at once")
		fs.StringVar(&c.baseline, "baseline", "", "failures in this earlier report, a JSON `FILE`, no longer count")
		fs.StringVar(&c.format, "format", "text", "`FORMAT` of the report: "+strings.Join(formatNames(), ", "))
		fs.StringVar(&c.out, "out", "-", "write the report to `FILE`")
		return c.run
	},
}

// checkRun is one examination of a setup.
type checkRun struct {
	targetFlags
	options                               conform.Options
	list                                  bool
	explain, level, baseline, format, out string
	allow                                 []string
}

func (c *checkRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	switch {
	case c.list:
		return listChecks(e)
	case c.explain != "":
		return explainCheck(e, c.explain)
	}
	write, err := c.writer()
	if err != nil {
		return err
	}
	if err := c.choose(); err != nil {
		return err
	}
	target, err := c.target()
	if err != nil {
		return err
	}
	progress := newCheckProgress(e)
	c.options.Progress = progress.show
	r, err := conform.Examine(e.ctx, *target, c.options)
	progress.close()
	if err != nil {
		return usage(err, "")
	}
	form := func(w io.Writer) error { return write(w, r) }
	if c.out == "-" {
		err = form(e.out)
	} else {
		err = report.WriteFile(c.out, form)
	}
	switch {
	case err != nil:
		return cannot(err, "")
	case r.Interrupted:
		return &fault{code: exitInterrupted}
	case r.Count(check.Skipped) == len(r.Results):
		return usage(errors.New("no check applies to what is given"), "the report says what each of them misses")
	case !r.OK():
		return found()
	}
	return nil
}

// choose turns flags into options.
func (c *checkRun) choose() error {
	if err := c.options.Level.UnmarshalText([]byte(c.level)); err != nil {
		return usage(fmt.Errorf("--level: %w", err), "")
	}
	for _, word := range c.allow {
		switch word {
		case "heavy":
			c.options.Allow.Heavy = true
		case "destructive":
			c.options.Allow.Destructive = true
		default:
			return usage(fmt.Errorf("--allow: %w", unknown("permission", word, []string{"heavy", "destructive"})), "heavy and destructive are known")
		}
	}
	if c.options.Timeout < time.Millisecond || c.options.Patience < time.Millisecond {
		return usage(fmt.Errorf("--check-timeout %v and --patience %v, want at least 1ms", c.options.Timeout, c.options.Patience), "")
	}
	if c.baseline == "" {
		return nil
	}
	file, err := os.Open(c.baseline)
	if err != nil {
		return cannot(err, "")
	}
	defer file.Close()
	if c.options.Baseline, err = conform.ReadBaseline(file); err != nil {
		return cannot(fmt.Errorf("%s: %w", c.baseline, err), "--format json writes one")
	}
	return nil
}

func formatNames() []string {
	var names []string
	for _, f := range format.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func (c *checkRun) writer() (func(io.Writer, *conform.Report) error, error) {
	for _, f := range format.Formats() {
		if f.Name == c.format {
			return f.Write, nil
		}
	}
	return nil, usage(fmt.Errorf("--format: %w", unknown("format", c.format, formatNames())), strings.Join(formatNames(), ", ")+" are known")
}

// listChecks prints a line for each check.
func listChecks(e *env) error {
	for _, c := range conform.Catalogue() {
		marks := []string{c.Level.String()}
		for _, t := range c.Tags {
			marks = append(marks, string(t))
		}
		for _, n := range c.Needs {
			if n == check.Heavy || n == check.Destructive {
				marks = append(marks, n.String())
			}
		}
		if _, err := fmt.Fprintf(e.out, "%-9s %s [%s]\n", c.ID, c.Title, strings.Join(marks, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// explainCheck prints all that there is to know of a check.
func explainCheck(e *env, id string) error {
	var known []string
	for _, c := range conform.Catalogue() {
		if c.ID == id {
			return format.Explain(e.out, c)
		}
		known = append(known, c.ID)
	}
	return usage(unknown("check", id, known), "--list shows them all")
}
