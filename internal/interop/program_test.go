//go:build linux

package interop

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

// patience is how long a server may take to start or to end, and a fetch to
// succeed: far longer than they need, for machines with other work to do.
const patience = 20 * time.Second

// A program is a server that runs.
type program struct {
	name  string
	group int           // its process group, which its workers share
	ended chan struct{} // closed when its first process has ended
	err   error         // how that ended, once ended is closed
}

// debian returns where a program is, or skips the test.
func debian(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("needs the program %s, Debian package %s", name, pkg)
	}
	return path
}

// needRoot skips the test where the server could not do its work.
func needRoot(t *testing.T, why string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: " + why)
	}
}

// start runs a server in the foreground until the test ends, with its output
// and the logs that it writes beside it in dir, which a failed test shows. It
// returns as soon as the server is ready.
func start(t *testing.T, dir string, ready func(context.Context) error, path string, args ...string) *program {
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
	p := &program{name: filepath.Base(path), group: cmd.Process.Pid, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.signal(t, syscall.SIGKILL)
		<-p.ended
		if t.Failed() {
			showLogs(t, dir)
		}
	})
	await(t, p.name+" to be ready", func(ctx context.Context) error {
		select {
		case <-p.ended:
			t.Fatalf("%s ended at once: %v", p.name, p.err)
		default:
		}
		return ready(ctx)
	})
	return p
}

// signal sends a signal to all processes of the program.
func (p *program) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(-p.group, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signal %v to %s: %v", s, p.name, err)
	}
}

// A state is what has become of a server when a phone asks it.
type state string

const (
	running state = "running"
	stopped state = "stopped" // its port is closed
	frozen  state = "frozen"  // it hangs: the kernel takes connections and packets for it
)

// become brings a running server into a state.
func (p *program) become(t *testing.T, s state) {
	t.Helper()
	switch s {
	case stopped:
		// SIGTERM, not SIGKILL: these servers wait for their workers, and so the
		// last of their sockets is closed with the end of the first process.
		p.signal(t, syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(patience):
			t.Fatalf("%s still runs %v after SIGTERM", p.name, patience)
		}
	case frozen:
		p.signal(t, syscall.SIGSTOP)
	}
}

// await tries until an attempt succeeds. It is the one place of this package
// that polls, because the servers tell nobody that they are ready, or that a
// line is in their log: one can only look again.
func await(t *testing.T, what string, try func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited %v for %s: %v", patience, what, err)
		}
	}
}

// showLogs attaches the end of each log in a directory to the test.
func showLogs(t *testing.T, dir string) {
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
