package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/report"
	"provsim/internal/tally"
)

// results is what a run leaves behind.
type results struct {
	flags  *fleetFlags
	folder string // empty: nowhere
	events *os.File
	lines  *bufio.Writer
	sink   journal.Sink
}

// results makes the folder before the run, so that a run of hours does not end
// with the news that it cannot be written. The journal of a run that goes on is
// made longer.
func (f *fleetFlags) results(shard fleet.Shard, goesOn bool) (*results, error) {
	r := &results{flags: f, folder: f.folder(shard)}
	if r.folder == "" {
		return r, nil
	}
	if err := os.MkdirAll(r.folder, 0o777); err != nil {
		return nil, cannot(err, "--out needs a directory that can be written")
	}
	if f.events {
		var err error
		if r.events, err = openEvents(filepath.Join(r.folder, report.JournalFile), goesOn); err != nil {
			return nil, cannot(err, "")
		}
		r.lines = bufio.NewWriterSize(r.events, 1<<20)
		r.sink = journal.NewJSON(r.lines)
	}
	return r, nil
}

// journal returns the sink of the whole journal; nil where nobody asked for it.
func (r *results) journal() journal.Sink { return r.sink }

// close gives the journal's file back. Its error has been told by report, unless
// the run has failed before.
func (r *results) close() {
	if r.events != nil {
		r.lines.Flush()
		r.events.Close()
	}
}

// summed returns what a run came to. Invalid is why it says nothing about the
// server; none: it does.
func summed(result *fleet.Result, invalid []string) (*report.Results, error) {
	limits, err := (&thresholdFlags{result.Scenario.Thresholds}).parse()
	if err != nil {
		return nil, err
	}
	run := result.Run()
	run.Version, run.Machine, run.Invalid = version(), report.ThisMachine(), invalid
	return report.New(run, result.Tally.Totals(), limits), nil
}

// report prints and saves what the run came to.
func (r *results) report(e *env, res *report.Results, result *fleet.Result) error {
	if err := r.save(res); err != nil {
		return cannot(err, "free some space, or choose another --out; what was there before is as it was")
	}
	if err := r.print(e, res); err != nil {
		return err
	}
	if r.folder != "" {
		fmt.Fprintf(e.err, "provsim: results are in %s\n", r.folder)
	}
	return verdict(e, res, result)
}

func (r *results) save(res *report.Results) error {
	if r.folder == "" {
		return nil
	}
	if r.lines != nil {
		if err := r.lines.Flush(); err != nil {
			return err
		}
	}
	return res.Write(r.folder)
}

func (r *results) print(e *env, res *report.Results) error {
	if r.flags.json {
		return res.JSON(e.out)
	}
	return res.Text(e.out)
}

// verdict turns what the run came to into the exit code. Where nobody has said
// what is too much, one device that could not be provisioned is.
func verdict(e *env, res *report.Results, result *fleet.Result) error {
	for _, reason := range res.Summary.Validity.Reasons {
		fmt.Fprintf(e.err, "provsim: INVALID: %s\n", reason)
	}
	if err := judged(res); err != nil {
		return err
	}
	if failed := result.Tally.Snapshot().States[tally.Failed]; failed > 0 && len(result.Scenario.Thresholds) == 0 {
		fmt.Fprintf(e.err, "provsim: %d devices could not be provisioned; --fail-if says how many may\n", failed)
		return found()
	}
	return nil
}
