//go:build unix

package tftp

import (
	"os"
	"os/exec"
	"testing"

	testpeer "provsim/internal/testing/peer"
	"provsim/resync"
)

// TestWithoutDescriptors runs itself in a process that may open no more files.
func TestWithoutDescriptors(t *testing.T) {
	const child = "PROVSIM_TEST_WITHOUT_DESCRIPTORS"
	if os.Getenv(child) == "" {
		command := exec.Command(os.Args[0], "-test.run=^TestWithoutDescriptors$", "-test.v")
		command.Env = append(os.Environ(), child+"=1")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	testpeer.UseUpDescriptors(t)
	reply := new(Client).Fetch(t.Context(), request("127.0.0.1"))
	if reply.Outcome != resync.Unreachable || !reply.Local || reply.Tries != 0 {
		t.Errorf("%v (%s), this machine's: %v, after %d tries; want unreachable by this machine's fault before any", reply.Outcome, reply.Note, reply.Local, reply.Tries)
	}
}
