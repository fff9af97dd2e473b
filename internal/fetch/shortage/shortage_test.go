package shortage_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"provsim/internal/fetch/shortage"
)

func TestCaused(t *testing.T) {
	socket := func(errno syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", errno)}
	}
	for _, c := range []struct {
		rule string
		err  error
		want bool
	}{
		{"no descriptor in this process", socket(syscall.EMFILE), true},
		{"no descriptor in the system", socket(syscall.ENFILE), true},
		{"no port to connect from", socket(syscall.EADDRNOTAVAIL), true},
		{"no port to bind", socket(syscall.EADDRINUSE), true},
		{"no room in a queue", socket(syscall.ENOBUFS), true},
		{"no memory", socket(syscall.ENOMEM), true},
		{"wrapped once more", fmt.Errorf("no socket: %w", socket(syscall.EMFILE)), true},
		{"the server's host refuses", socket(syscall.ECONNREFUSED), false},
		{"the server resets", socket(syscall.ECONNRESET), false},
		{"no way there", socket(syscall.ENETUNREACH), false},
		{"no answer", socket(syscall.ETIMEDOUT), false},
		{"a firewall of this machine", socket(syscall.EPERM), false},
		{"no time left", context.DeadlineExceeded, false},
		{"the words alone", errors.New(syscall.EMFILE.Error()), false},
		{"no error", nil, false},
	} {
		if got := shortage.Caused(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", c.rule, got, c.want)
		}
	}
}
