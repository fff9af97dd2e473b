package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// morning is a day that begins with all phones switched on at once, as they come
// out of the box. The server can take it, so that what is measured is the plan.
const morning = `name: bench
seed: 1
duration: 24h
population:
  profile-rule: http://prov.example.com/$MA.conf
configuration:
  size: 2048
server:
  http: {workers: 64}
`

// plans writes the table of whole plans, as processes: virtual time, a modelled
// server, everything counted, the report printed.
func plans(ctx context.Context, to io.Writer, dir, provsim string) error {
	scenario := filepath.Join(dir, "bench.yaml")
	if err := os.WriteFile(scenario, []byte(morning), 0o644); err != nil {
		return err
	}
	t := table{title: "Plans of 24 h with hourly resyncs"}
	t.add("phones", "resyncs", "s", "processor s", "ns a resync", "MB resident")
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		fmt.Fprintf(os.Stderr, "a plan of %d phones\n", n)
		if err := plan(ctx, &t, provsim, scenario, n); err != nil {
			return err
		}
	}
	return t.write(to)
}

// plan runs one plan and adds its row.
func plan(ctx context.Context, t *table, provsim, scenario string, n int) error {
	cmd := exec.CommandContext(ctx, provsim, "plan", "--scenario", scenario, "--devices", strconv.Itoa(n), "--json", "--fail-if", "failed > 1%")
	cmd.Stderr = os.Stderr
	began := time.Now()
	text, err := cmd.Output()
	took := time.Since(began)
	if err != nil {
		return fmt.Errorf("plan of %d: %w", n, err)
	}
	var summary struct {
		Jobs []struct {
			Job   string `json:"job"`
			Ended int64  `json:"ended"`
		} `json:"jobs"`
	}
	if err := json.Unmarshal(text, &summary); err != nil {
		return err
	}
	resyncs := int64(0)
	for _, job := range summary.Jobs {
		resyncs += job.Ended
	}
	if resyncs < 24*int64(n) {
		return fmt.Errorf("plan of %d phones: %d resyncs, want at least 24 of each", n, resyncs)
	}
	state := cmd.ProcessState
	cpu := state.UserTime() + state.SystemTime()
	resident := float64(state.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	t.add(strconv.Itoa(n), strconv.FormatInt(resyncs, 10), significant(took.Seconds()), significant(cpu.Seconds()),
		significant(float64(took.Nanoseconds())/float64(resyncs)), significant(resident))
	return nil
}
