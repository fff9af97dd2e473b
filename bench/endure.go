package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A trial is a fleet that provsim runs as its users run it, with a scenario, and
// that is watched from outside.
type trial struct {
	program  string // provsim
	dir      string
	scenario string
	length   time.Duration // of the scenario
	rows     int           // of the table, each for a part of the length
}

// A summary is what a trial reads of summary.json.
type summary struct {
	Validity struct {
		Valid   bool     `json:"valid"`
		Reasons []string `json:"reasons"`
	} `json:"validity"`
	Provisioned struct {
		Devices int `json:"devices"`
		Count   int `json:"count"`
	} `json:"provisioned"`
	Jobs   []jobs  `json:"jobs"`
	Times  []times `json:"times"`
	Counts struct {
		Devices  int                       `json:"devices"`
		Boots    int                       `json:"boots"`
		Outcomes map[string]map[string]int `json:"outcomes"`
	} `json:"counts"`
}

// jobs are those of one kind, such as resync.
type jobs struct {
	Job     string `json:"job"`
	Started int    `json:"started"`
	Ended   int    `json:"ended"`
}

// times are percentiles in seconds.
type times struct {
	Name string  `json:"name"`
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	Max  float64 `json:"max"`
}

// times returns those of a name.
func (s *summary) times(name string) times {
	for _, t := range s.Times {
		if t.Name == name {
			return t
		}
	}
	return times{Name: name}
}

// tell writes what has become of the phones.
func (s *summary) tell(to io.Writer) error {
	tab := table{title: "What became of them"}
	tab.add("job", "outcome", "count")
	for _, j := range s.Jobs {
		for _, outcome := range slices.Sorted(maps.Keys(s.Counts.Outcomes[j.Job])) {
			tab.add(j.Job, outcome, fmt.Sprint(s.Counts.Outcomes[j.Job][outcome]))
		}
		tab.add(j.Job, "under way at the end, or cut off with the power", fmt.Sprint(j.Started-j.Ended))
	}
	tab.add("", "valid", fmt.Sprint(s.Validity.Valid, " ", strings.Join(s.Validity.Reasons, "; ")))
	return tab.write(to)
}

// run runs the fleet to its end, calls look with what it measured in each part,
// and returns what the fleet says of itself.
func (t trial) run(ctx context.Context, look func(part int, seen []vitals)) (*summary, error) {
	file, out := filepath.Join(t.dir, "scenario.yaml"), filepath.Join(t.dir, "results")
	if err := os.WriteFile(file, []byte(t.scenario), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, t.program, "fleet", "--scenario", file, "--out", out, "--metrics", metricsAt)
	cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	part := t.length / time.Duration(t.rows)
	for n := range t.rows {
		look(n, watch(ctx, cmd.Process.Pid, part))
	}
	// Failures that the scenario provokes end it with 1, a limit of this machine
	// with 4: the summary tells.
	var ended *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &ended) {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil {
		return nil, errors.Join(ctx.Err(), err)
	}
	s := new(summary)
	return s, json.Unmarshal(text, s)
}

// accounted says what of a fleet's devices is missing in its summary, whose
// outcomes have to add up, and in the states that it showed last.
func (s *summary) accounted(last vitals) error {
	var err error
	if n := s.Counts.Devices; last.devices != n || s.Provisioned.Devices != n || s.Counts.Boots < n {
		err = fmt.Errorf("%d devices are in a state, %d in the count of the provisioned ones, %d boots: want %d",
			last.devices, s.Provisioned.Devices, s.Counts.Boots, n)
	}
	for _, j := range s.Jobs {
		sum := 0
		for _, count := range s.Counts.Outcomes[j.Job] {
			sum += count
		}
		if sum != j.Ended || j.Ended > j.Started {
			err = errors.Join(err, fmt.Errorf("%d %ss have begun, %d have ended, and %d have an outcome", j.Started, j.Job, j.Ended, sum))
		}
	}
	return err
}
