//go:build unix

package peer

import (
	"net"
	"os"
	"syscall"
	"testing"
)

// UseUpDescriptors forbids this process to open another file, until it ends. Use
// it in a test that runs in a process of its own.
func UseUpDescriptors(t testing.TB) {
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
