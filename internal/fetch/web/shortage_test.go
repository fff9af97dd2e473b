//go:build unix

package web_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"provsim/internal/fetch/web"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

func TestShortageIsThisMachines(t *testing.T) {
	for errno, local := range map[syscall.Errno]bool{
		syscall.EMFILE: true, syscall.ENFILE: true, syscall.EADDRNOTAVAIL: true, syscall.ENOBUFS: true,
		syscall.ENOMEM: true, syscall.ENETUNREACH: false, syscall.EPERM: false, syscall.EHOSTUNREACH: false,
	} {
		client := web.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
		}}
		reply := client.Fetch(t.Context(), request(t, "http://192.0.2.1/f"))
		if reply.Outcome != resync.Unreachable || reply.Local != local {
			t.Errorf("%v: %v, this machine's: %v; want unreachable, this machine's: %v", errno, reply.Outcome, reply.Local, local)
		}
	}
}

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
	peer.UseUpDescriptors(t)
	for _, url := range []string{"http://127.0.0.1/f", "https://127.0.0.1/f"} {
		reply := new(web.Client).Fetch(t.Context(), request(t, url))
		if reply.Outcome != resync.Unreachable || !reply.Local {
			t.Errorf("%s: %v (%s), this machine's: %v; want unreachable by this machine's fault", url, reply.Outcome, reply.Note, reply.Local)
		}
	}
}
