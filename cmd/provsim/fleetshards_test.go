//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shardRun starts a shard as Kubernetes would: its index and their number are in
// the environment.
func shardRun(t *testing.T, program, out string, index int, args ...string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), program, append([]string{
		"plan", "--scenario", "power-cut", "--devices", "2000", "--for", "2h", "--out", out,
	}, args...)...)
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%d", envIndex, index), envShards+"=4")
	return c
}

// asProgram returns a file that is provsim.
func asProgram(t *testing.T) string {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "provsim") // TestMain goes by the name
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	return program
}

// Four shards, of which one is killed in the middle of its work and started
// again with the same index, have the same merged results as the unsharded run.
func TestShardsAsProcesses(t *testing.T) {
	t.Parallel()
	program, dir := asProgram(t), t.TempDir()
	whole, run := filepath.Join(dir, "whole"), filepath.Join(dir, "run")
	if text, err := exec.CommandContext(t.Context(), program, "plan", "--scenario", "power-cut", "--devices", "2000", "--for", "2h", "--out", whole).CombinedOutput(); err != nil {
		t.Fatalf("unsharded: %v\n%s", err, text)
	}
	killInTheMiddle(t, program, run)
	if _, err := os.Stat(filepath.Join(run, "shard-2-of-4", "summary.json")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the killed shard left a summary: %v", err)
	}
	shards := make([]*exec.Cmd, 4)
	for i := range shards {
		shards[i] = shardRun(t, program, run, i)
		if err := shards[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range shards {
		if err := c.Wait(); err != nil {
			t.Errorf("shard %d: %v", i, err)
		}
	}
	if diff := cmp.Diff(counts(t, program, whole), counts(t, program, run)); diff != "" {
		t.Errorf("unsharded (-) and merged (+) differ:\n%s", diff)
	}
}

// killInTheMiddle starts shard 2 and kills it once it has written a part of its
// journal. The journal's file is a pipe, so that it cannot have ended before.
func killInTheMiddle(t *testing.T, program, out string) {
	folder := filepath.Join(out, "shard-2-of-4")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(folder, "events.ndjson")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	c := shardRun(t, program, out, 2, "--events")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	journal, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	if _, err := bufio.NewReader(journal).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil {
		t.Fatal("the shard ended before it was killed")
	}
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
}

// counts returns all that was counted, histograms included.
func counts(t *testing.T, program, dir string) any {
	text, err := exec.CommandContext(t.Context(), program, "report", "--format", "json", dir).Output()
	if err != nil {
		t.Fatalf("report of %s: %v", dir, err)
	}
	var summary struct{ Counts any }
	if err := json.Unmarshal(text, &summary); err != nil {
		t.Fatal(err)
	}
	if m, ok := summary.Counts.(map[string]any); !ok || len(m) == 0 {
		t.Fatalf("report of %s has no counts", dir)
	}
	return summary.Counts
}
