package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"provsim/internal/report"
	"provsim/internal/tally"
	webfleet "provsim/internal/web/fleet"
)

var reportCommand = command{
	name:  "report",
	args:  "DIR...",
	short: "make a report from saved results",
	long: `
A DIR is what 'provsim fleet --out DIR' or 'provsim plan --out DIR' wrote.
Several are the shards of one run and are merged, and so are the folders of a
DIR that holds one for each shard.

The exit code is 1 where a threshold has failed, and 4 where the run is invalid
because the machine that ran it, and not the server, was the limit.

  provsim report results
  provsim report --format html --out report.html results/shard-*
  provsim report --failing failing.csv results
  provsim report --against results-of-monday results
  provsim report --web 127.0.0.1:8000 results`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		var f reportFlags
		fs.StringVar(&f.format, "format", "text", "`FORMAT` of the report: "+strings.Join(reportFormatNames(), ", "))
		fs.StringVar(&f.out, "out", "-", "write the report to `FILE`")
		fs.StringVar(&f.save, "save", "", "write the results, merged, to the directory `DIR`")
		fs.StringVar(&f.failing, "failing", "", "write the phones whose last job failed into `FILE` as CSV; wants a run with --events")
		fs.StringVar(&f.against, "against", "", "compare the run with an earlier run of the same scenario, in `DIR`")
		f.thresholds.add(fs)
		f.webFlags.addDashboard(fs)
		return f.run
	},
}

// reportFlags are the flags of 'provsim report'.
type reportFlags struct {
	format, out, save, failing, against string
	thresholds                          thresholdFlags
	webFlags
}

// reportFormats are the values of --format.
var reportFormats = []struct {
	name  string
	write func(*report.Results, io.Writer) error
}{
	{"text", (*report.Results).Text},
	{"html", (*report.Results).HTML},
	{"json", (*report.Results).JSON},
	{"junit", (*report.Results).JUnit},
	{"markdown", (*report.Results).Markdown},
	{"csv", (*report.Results).CSV},
}

func reportFormatNames() (names []string) {
	for _, format := range reportFormats {
		names = append(names, format.name)
	}
	return names
}

func (f *reportFlags) run(e *env, args []string) error {
	if err := wantArgs(args, 1, -1, "at least one directory of results"); err != nil {
		return err
	}
	write, err := f.writer()
	if err != nil {
		return err
	}
	thresholds, err := f.thresholds.parse()
	if err != nil {
		return err
	}
	r, err := gather(args...)
	if err != nil {
		return err
	}
	r.Check(thresholds)
	if f.against != "" {
		if err := f.compare(r); err != nil {
			return err
		}
	}
	if f.save != "" {
		if err := r.Write(f.save); err != nil {
			return cannot(err, "")
		}
	}
	if f.failing != "" {
		if err := f.listFailing(args); err != nil {
			return err
		}
	}
	if f.address != "" {
		return f.show(e, r, args)
	}
	form := func(w io.Writer) error { return write(r, w) }
	if f.out == "-" {
		err = form(e.out)
	} else {
		err = report.WriteFile(f.out, form)
	}
	if err != nil {
		return cannot(err, "")
	}
	return judged(r)
}

// listFailing writes the phones that a journal leaves as failed.
func (f *reportFlags) listFailing(dirs []string) error {
	journals := report.Journals(dirs...)
	if len(journals) == 0 {
		return cannot(errors.New("--failing: there is no journal in every directory"), "run it again with --events")
	}
	if err := report.WriteFile(f.failing, func(w io.Writer) error { return report.Failing(w, journals...) }); err != nil {
		return cannot(fmt.Errorf("--failing: %w", err), "")
	}
	return nil
}

// show opens the dashboard in place of a report, and keeps it until the user
// interrupts. The devices follow when their journals have been read.
func (f *reportFlags) show(e *env, r *report.Results, dirs []string) error {
	page, err := f.webFlags.openDashboard(e, webfleet.Config{Run: r.Summary.Run})
	if err != nil {
		return err
	}
	defer page.close()
	page.Show(r, nil)
	if journals := report.Journals(dirs...); len(journals) > 0 {
		if err := page.ReadJournals(e.ctx, journals...); err != nil && e.ctx.Err() == nil {
			return cannot(err, "the dashboard shows devices only where their journal is whole")
		}
	}
	page.linger(e)
	return judged(r)
}

func (f *reportFlags) writer() (func(*report.Results, io.Writer) error, error) {
	for _, format := range reportFormats {
		if format.name == f.format {
			return format.write, nil
		}
	}
	names := reportFormatNames()
	return nil, usage(fmt.Errorf("--format: %w", unknown("format", f.format, names)), strings.Join(names, ", ")+" are known")
}

func (f *reportFlags) compare(r *report.Results) error {
	before, err := gather(f.against)
	if err != nil {
		return err
	}
	if r.Against, err = report.Compare(r, before); err != nil {
		return cannot(fmt.Errorf("--against: %w", err), "")
	}
	return nil
}

func gather(dirs ...string) (*report.Results, error) {
	r, err := report.Gather(dirs...)
	switch {
	case errors.Is(err, report.ErrShards):
		return nil, cannot(err, "name all shards of one run, each of them once")
	case errors.Is(err, report.ErrDamaged):
		return nil, cannot(err, "a file was changed or copied from another run; run it again")
	case err != nil:
		return nil, cannot(err, "")
	}
	return r, nil
}

// judged ends a command with the exit code that the results of a run ask for.
// An invalid run says nothing about the server, so its thresholds do not count.
func judged(r *report.Results) error {
	switch {
	case !r.Summary.Validity.Valid:
		return &fault{code: exitInvalid}
	case r.Failed():
		return found()
	}
	return nil
}

// thresholdFlags say when a run fails.
type thresholdFlags struct {
	texts []string
}

func (f *thresholdFlags) add(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.texts, "fail-if", nil, "`'EXPR'` that fails the run, such as 'p99(fetch) > 500ms' or 'failed > 0.1%'; repeatable")
}

func (f *thresholdFlags) parse() ([]tally.Threshold, error) {
	var all []tally.Threshold
	for _, text := range f.texts {
		t, err := tally.ParseThreshold(text)
		if err != nil {
			return nil, usage(fmt.Errorf("--fail-if: %w", err), "")
		}
		all = append(all, t)
	}
	return all, nil
}
