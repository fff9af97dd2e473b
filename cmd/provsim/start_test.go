//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// initBytes is how much memory a package may take before main runs. Each command pays for
// it, and each 4 KB of it are a page fault. What only some commands need is made where they
// need it (sync.OnceValue, or a function).
const initBytes = 80_000

// No package of provsim makes large things at each start.
func TestStart(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), asProgram(t), "expand", "x")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if out, err := cmd.Output(); err != nil || string(out) != "x\n" {
		t.Fatalf("found %q, %v, want x", out, err)
	}
	ours := regexp.MustCompile(`(?m)^init (main|provsim/\S+) @.* clock, (\d+) bytes, `).FindAllStringSubmatch(trace.String(), -1)
	if len(ours) < 10 {
		t.Fatalf("the trace has %d packages of provsim, want many more:\n%s", len(ours), trace.String())
	}
	for _, line := range ours {
		if n, err := strconv.Atoi(line[2]); err != nil || n > initBytes {
			t.Errorf("%s takes %s bytes at each start, want at most %d", line[1], line[2], initBytes)
		}
	}
}
