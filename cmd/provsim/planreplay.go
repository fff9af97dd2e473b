package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"provsim/fleet"
	played "provsim/internal/learn/replay"
	"provsim/internal/learn/result"
	"provsim/internal/report"
)

// replayFlags ask for the plan of a wave that 'provsim learn' has found.
type replayFlags struct{ dir string }

func (f *replayFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.dir, "replay", "", "compare the largest wave in `DIR`, which 'provsim learn' wrote, with the plan of it")
}

// maxFindings is how large findings may be.
const maxFindings = 256 << 20

// replay plays the power cut of a learnt scenario, and shows it beside the wave of the
// logs.
func (p *plan) replay(e *env, s *fleet.Scenario) error {
	text, err := readFile(e, filepath.Join(p.dir, result.JSONFile), maxFindings)
	if err != nil {
		return err
	}
	f, err := result.Read(bytes.NewReader(text))
	if err != nil {
		return usage(fmt.Errorf("--replay: %w", err), "want the directory of 'provsim learn --out'")
	}
	logged := result.Largest(f)
	if logged == nil {
		return usage(errors.New("--replay: the logs have no wave after a power cut"), "plan the scenario without --replay")
	}
	progress := newProgress(e, s.Duration)
	planned, err := played.Play(e.ctx, s, fleet.Options{Every: time.Minute, Progress: progress.planned})
	progress.close()
	switch {
	case errors.Is(err, played.ErrNoCut):
		return usage(err, "the scenario of --replay has one as 'provsim learn' wrote it")
	case err != nil:
		return err
	}
	c := &result.Comparison{Log: *logged, Plan: *planned}
	d := c.Document()
	if p.out != "" {
		for name, write := range map[string]func(io.Writer) error{"replay.txt": d.Text, "replay.html": d.HTML, "replay.json": c.JSON} {
			if err := report.WriteFile(filepath.Join(p.out, name), write); err != nil {
				return cannot(err, "--out needs a directory that can be written")
			}
		}
		fmt.Fprintf(e.err, "provsim: results are in %s\n", p.out)
	}
	if p.json {
		return c.JSON(e.out)
	}
	return d.Text(e.out)
}
