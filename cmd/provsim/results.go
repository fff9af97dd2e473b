package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/report"
)

// results are the files of a run.
type results struct {
	flags  *fleetFlags
	folder string // empty: nowhere
	events *os.File
	lines  *bufio.Writer
	sink   journal.Sink
}

// results makes the folder before the run: a run of hours must not end with an
// error because the folder cannot be written. A run that goes on appends to its
// journal.
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

// journal returns the sink of the whole journal; nil without --events.
func (r *results) journal() journal.Sink { return r.sink }

// close closes the journal's file. Report has returned its error, unless the run
// has failed before.
func (r *results) close() {
	if r.events != nil {
		r.lines.Flush()
		r.events.Close()
	}
}

// summed returns the results of a run. Invalid are the reasons why the run says
// nothing about the server.
func summed(result *fleet.Result, invalid []string) (*report.Results, error) {
	limits, err := (&thresholdFlags{result.Scenario.Thresholds}).parse()
	if err != nil {
		return nil, err
	}
	run := result.Run()
	run.Version, run.Machine, run.Invalid = version(), report.ThisMachine(), invalid
	return report.New(run, result.Tally.Totals(), limits), nil
}

// report prints and saves the results.
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
	return exitOf(e, res)
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

// exitOf turns the run's result into the exit code.
func exitOf(e *env, res *report.Results) error {
	for _, reason := range res.Summary.Validity.Reasons {
		fmt.Fprintf(e.err, "provsim: INVALID: %s\n", reason)
	}
	return judged(res)
}

// openEvents opens a journal's file. A run that goes on appends to it.
func openEvents(path string, goesOn bool) (*os.File, error) {
	if !goesOn {
		return os.Create(path)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	if err := cutHalfLine(file); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// cutHalfLine removes the last line if a process was killed while it wrote it. It
// looks at the last MiB, and no line is that long: a file without a line end there
// is not a journal and stays as it is.
func cutHalfLine(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return err
	}
	tail := make([]byte, min(info.Size(), 1<<20))
	from := info.Size() - int64(len(tail))
	if _, err := file.ReadAt(tail, from); err != nil {
		return err
	}
	if end := bytes.LastIndexByte(tail, '\n'); end >= 0 {
		return file.Truncate(from + int64(end) + 1)
	}
	return nil
}
