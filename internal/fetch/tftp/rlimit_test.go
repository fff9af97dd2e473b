//go:build unix

package tftp

import (
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"

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
	useUpDescriptors(t)
	reply := new(Client).Fetch(t.Context(), request("127.0.0.1"))
	if reply.Outcome != resync.Unreachable || !reply.Local || reply.Tries != 0 {
		t.Errorf("%v (%s), this machine's: %v, after %d tries; want unreachable by this machine's fault before any", reply.Outcome, reply.Note, reply.Local, reply.Tries)
	}
}

// useUpDescriptors forbids this process to open another file.
func useUpDescriptors(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // the runtime's poller needs one for itself
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	next, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	least := uint64(next.Fd())
	next.Close()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: least, Max: least}); err != nil {
		t.Fatal(err)
	}
}
