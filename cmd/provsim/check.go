package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/format"
	"provsim/internal/report"
)

var checkCommand = command{
	name:  "check",
	short: "ask a server setup whether it can provision phones, and whether it is safe",
	long: `
Without --allow checks only read: heavy ones load the server as a busy day would,
destructive ones try what may change or stop it, and those of login try wrong
passwords, which an IP Office unit counts against its users. Some systems enter an unknown
phone when it asks for the first time: checks ask as such phones too, with
addresses that are the same in every run. A check whose needs are not met is
skipped and says what it needs; --target describes a whole setup, with several
phones, their certificates and what is declared.

On a terminal the report has colours by level; NO_COLOR turns them off.

The exit code is 1 if a check of level must or should fails.

  provsim check --profile-rule 'tftp://192.0.2.1/$MA.cfg' --mac 00:21:f2:01:1b:19
  provsim check --profile-rule 'https://prov.example.com/fv$(MAU).conf' \
      --mac 0021f2011b19 --ca cacert.pem --cert client.pem --key client.key
  provsim check --vendor yealink --product T48S --mac 80:5e:c0:d5:7d:72 \
      --server http://192.0.2.1/phones/
  provsim check --phones phones.csv --server http://192.0.2.1/phones/
  provsim check --ip-office 192.168.42.1
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
		fs.StringSliceVar(&c.allow, "allow", nil, "permit checks that are `heavy` or destructive, or that log in (login); repeatable")
		fs.DurationVar(&c.options.Timeout, "check-timeout", conform.DefaultTimeout, "what one check may take")
		fs.DurationVar(&c.options.Patience, "patience", check.DefaultPatience, "how long to wait for an answer that should come at once")
		fs.StringVar(&c.baseline, "baseline", "", "failures in this earlier report, a JSON `FILE`, no longer count")
		fs.StringVar(&c.format, "format", "text", "`FORMAT` of the report: "+strings.Join(formatNames(), ", "))
		fs.StringVar(&c.out, "out", "-", "write the report to `FILE`")
		fs.BoolVar(&c.quiet, "quiet", false, "no progress; in the form text only what has failed, and the summary")
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
	quiet                                 bool
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
	write, err := c.writer(e)
	if err != nil {
		return err
	}
	if err := c.choose(); err != nil {
		return err
	}
	if _, err := c.options.Choose(); err != nil {
		return usage(err, "")
	}
	targets, err := c.targets(e)
	if err != nil {
		return err
	}
	progress := newBar(e, !c.quiet)
	c.options.Progress = func(r conform.Result, done, all int) {
		progress.show(int64(done), int64(all), fmt.Sprintf("%d of %d checks, the latest %s", done, all, r.Name()))
	}
	r, err := conform.ExamineEach(e.ctx, targets, c.options)
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
		return usage(errors.New("no check applies to what is given"), "the report says what each of them needs")
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
		case "login":
			c.options.Allow.Login = true
		default:
			return usage(fmt.Errorf("--allow: %w", unknown("permission", word, []string{"heavy", "destructive", "login"})), "heavy, destructive and login are known")
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

// askable says which flag is missing where hardly any check could be asked.
func askable(t *check.Target) error {
	led := t.ProfileRule != "" || t.Option66 != "" || t.Server != ""
	servers := t.TFTP.Server != "" || t.HTTP != "" || t.HTTPS != "" || t.DHCP.Interface != "" || t.DHCP.Relay != "" || t.IPOffice.Address.IsValid()
	switch {
	case len(t.Phones) == 0 && (led || t.UpgradeRule != ""):
		return usage(errors.New("--mac is missing"), "give the hardware address of a phone that the setup provisions")
	case !led && !servers && t.UpgradeRule == "":
		return usage(errors.New("no server is given"), "give --mac and --server, or --profile-rule or --option66 as they are in a phone; or --tftp, --http, --https, --dhcp, --dhcp-relay or --ip-office")
	}
	return nil
}

// writer returns what writes the report in the form of --format.
func (c *checkRun) writer(e *env) (func(io.Writer, *conform.Report) error, error) {
	if c.format == "text" {
		return format.TextStyle{Colour: c.out == "-" && coloured(e.out), Quiet: c.quiet}.Write, nil
	}
	for _, f := range format.Formats() {
		if f.Name == c.format {
			return f.Write, nil
		}
	}
	return nil, usage(fmt.Errorf("--format: %w", unknown("format", c.format, formatNames())), strings.Join(formatNames(), ", ")+" are known")
}

// coloured reports whether a writer is a terminal whose user has not asked for
// plain text (https://no-color.org).
func coloured(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""
}

// listChecks prints a line for each check.
func listChecks(e *env) error {
	for _, c := range conform.Catalogue() {
		marks := []string{c.Level.String()}
		for _, t := range c.Tags {
			marks = append(marks, string(t))
		}
		for _, n := range c.Needs {
			if n == check.Heavy || n == check.Destructive || n == check.Login {
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
