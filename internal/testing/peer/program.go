//go:build linux

package peer

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A Program is a running program.
type Program struct {
	name  string
	group int           // its process group, which its workers share
	ended chan struct{} // closed when its first process has ended
	err   error         // how that ended, once ended is closed
}

// Start runs a program in the foreground until the test ends, and returns as soon
// as the program is ready. The program's output goes to dir; a failed test shows
// it, and the logs that the program writes there.
func Start(t testing.TB, dir string, ready func(context.Context) error, path string, args ...string) *Program {
	t.Helper()
	output, err := os.Create(filepath.Join(dir, "output.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = output, output
	// The death signal is for a test binary that ends without its cleanups, as
	// one does that has run out of time. The group is for the workers.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &Program{name: filepath.Base(path), group: cmd.Process.Pid, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Signal(t, syscall.SIGKILL)
		<-p.ended
		if t.Failed() {
			showLogs(t, dir)
		}
	})
	Await(t, p.name+" to be ready", func(ctx context.Context) error {
		select {
		case <-p.ended:
			t.Fatalf("%s ended at once: %v", p.name, p.err)
		default:
		}
		return ready(ctx)
	})
	return p
}

// Signal sends a signal to all processes of the program.
func (p *Program) Signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(-p.group, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signal %v to %s: %v", s, p.name, err)
	}
}

// Stop ends the program and closes the last of its sockets. It sends SIGTERM,
// because servers then wait for their workers.
func (p *Program) Stop(t testing.TB) {
	t.Helper()
	p.Signal(t, syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(Patience):
		t.Fatalf("%s still runs %v after SIGTERM", p.name, Patience)
	}
}

// showLogs attaches the end of each log in a directory to the test.
func showLogs(t testing.TB, dir string) {
	const most = 8 << 10
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log")) // the pattern is sound
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Log(err)
		}
		t.Logf("%s:\n%s", filepath.Base(log), text[max(0, len(text)-most):])
	}
}
