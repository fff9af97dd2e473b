//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program starts this program in a process of its own, with a limit that no
// machine needs.
func program(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.CommandContext(t.Context(), asProgram(t), args...)
	talk := &bytes.Buffer{}
	cmd.Stderr = talk
	return cmd, talk
}

// exitCode waits for a process to end and returns its exit code.
func exitCode(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	stuck := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer stuck.Stop()
	cmd.Wait()
	return cmd.ProcessState.ExitCode()
}

// A read that never ends does not keep a command from ending: the first signal
// is enough.
func TestInterruptEndsReading(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	for _, args := range [][]string{
		{"lint", pipe},
		{"lint", "--names", pipe, pipe},
		{"encrypt", "k", pipe, filepath.Join(dir, "encrypted")},
		{"decrypt", "k", pipe, filepath.Join(dir, "decrypted")},
		{"phone", "--ca", pipe},
		{"phone", "--web", "127.0.0.1:0", "--web-password-file", pipe},
		{"plan", "--scenario", pipe},
		{"fleet", "--scenario", pipe},
		{"check", "--target", pipe},
	} {
		t.Run(strings.Join(args[:2], " "), func(t *testing.T) {
			cmd, talk := program(t, args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			writer, err := os.OpenFile(pipe, os.O_WRONLY, 0) // returns when the command reads
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			cmd.Process.Signal(syscall.SIGTERM)
			if got := exitCode(t, cmd); got != exitInterrupted {
				t.Errorf("exit code %d, want %d; it said %q", got, exitInterrupted, talk)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("it left %v beside the pipe", left)
			}
		})
	}
}

// The second signal ends a command that waits for something else than the
// context: here its output is not read.
func TestSecondSignalEnds(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, bytes.Repeat([]byte("A=1\n"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, talk := program(t, "encrypt", "k", big, "-")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it writes, and the pipe fills up
		t.Fatal(err)
	}
	// Two signals that arrive together may count as one.
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	ended := make(chan int)
	go func() { ended <- exitCode(t, cmd) }()
	for {
		select {
		case got := <-ended:
			if got != exitInterrupted {
				t.Errorf("exit code %d, want %d; it said %q", got, exitInterrupted, talk)
			}
			return
		case <-again.C:
			cmd.Process.Signal(os.Interrupt)
		}
	}
}

// A destination is replaced as a whole, or stays as it was. The disk is full
// where the file size has a limit (ulimit -f).
func TestDestinationIsNeverTorn(t *testing.T) {
	dir := t.TempDir()
	old, big := filepath.Join(dir, "conf.enc"), filepath.Join(dir, "big")
	for name, body := range map[string][]byte{old: []byte("good"), big: bytes.Repeat([]byte("A=1\n"), 1<<18)} {
		if err := os.WriteFile(name, body, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	encrypted := filepath.Join(dir, "big.enc")
	if got, _, talk := provsim(t.Context(), "encrypt", "k", big, encrypted); got != 0 {
		t.Fatalf("exit code %d: %s", got, talk)
	}
	for _, args := range [][]string{{"encrypt", "k", big, old}, {"decrypt", "k", encrypted, old}} {
		cmd := exec.CommandContext(t.Context(), "sh", append([]string{"-c", `ulimit -f 16; trap '' XFSZ; exec "$@"`, "sh", asProgram(t)}, args...)...)
		out, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() != exitCannot {
			t.Fatalf("a full disk ends with %v: %s", err, out)
		}
		if now, _ := os.ReadFile(old); string(now) != "good" {
			t.Errorf("the destination is now %d bytes, want it as it was", len(now))
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*.part"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A server reads what encrypt writes as the umask says; only the owner reads what
// decrypt writes.
func TestModesOfDestinations(t *testing.T) {
	dir := t.TempDir()
	umask := syscall.Umask(0o022)
	defer syscall.Umask(umask)
	plain, sealed, again := filepath.Join(dir, "plain"), filepath.Join(dir, "sealed"), filepath.Join(dir, "again")
	kept := filepath.Join(dir, "kept")
	for _, name := range []string{plain, kept} {
		if err := os.WriteFile(name, []byte("A=1\n"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(kept, link); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"encrypt", "k", plain, sealed}, {"encrypt", "k", plain, link}, {"decrypt", "k", sealed, again}} {
		if got, _, talk := provsim(t.Context(), args...); got != 0 {
			t.Fatalf("%v: exit code %d: %s", args, got, talk)
		}
	}
	for name, want := range map[string]os.FileMode{sealed: 0o644, kept: 0o640, again: 0o600, link: os.ModeSymlink | 0o777} {
		info, err := os.Lstat(name)
		if err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v (%v), want %v", filepath.Base(name), info.Mode(), err, want)
		}
	}
}

// No file is read to the end of the memory: all are refused above a size, with
// one exit code.
func TestFilesHaveLimits(t *testing.T) {
	huge := filepath.Join(t.TempDir(), "huge")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 1<<40); err != nil {
		t.Skipf("no sparse files here: %v", err)
	}
	for _, args := range [][]string{
		{"lint", "--names", huge, "-"},
		{"phone", "--ca", huge},
		{"phone", "--cert", huge, "--key", huge},
		{"phone", "--web", "127.0.0.1:0", "--web-password-file", huge},
		{"phone", "--web", "127.0.0.1:0", "--web-cert", huge, "--web-key", huge},
		{"fleet", "--client-ca", huge, "--client-ca-key", huge, "--devices", "1", "--profile-rule", "http://127.0.0.1:9/x"},
		{"plan", "--scenario", huge},
		{"check", "--target", huge},
	} {
		got, _, talk := provsim(t.Context(), args...)
		if got != exitCannot || !strings.Contains(talk, "large") {
			t.Errorf("%v: exit code %d, want %d; it said %q", args[:2], got, exitCannot, talk)
		}
	}
}
