//go:build unix

package store_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"provsim/internal/store"

	"github.com/google/go-cmp/cmp"
)

// childJob names what this binary does in a process of its own, in the directory
// that is its only argument.
const childJob = "STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	jobs := map[string]func(dir string) error{"save": saveForever, "limit": saveOverLimit}
	job, ok := jobs[os.Getenv(childJob)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := job(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child prepares a process that does one of the jobs of TestMain.
func child(t *testing.T, job, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, dir)
	cmd.Env = append(os.Environ(), childJob+"="+job)
	cmd.Stderr = os.Stderr
	return cmd
}

// saveForever saves one generation after the other, and tells each on its standard
// output as soon as Save has returned.
func saveForever(dir string) error {
	d, err := store.Open(dir)
	if err != nil {
		return err
	}
	last, err := loadGeneration(d)
	if err != nil {
		return err
	}
	for n := last + 1; ; n++ {
		if err := d.Save(phone, generation(n)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// generation returns a body that tells its number and whether it is complete.
func generation(n int) []byte {
	return fmt.Appendf(nil, "%d\n%s", n, bytes.Repeat([]byte{byte(n)}, n*7919%65536))
}

// loadGeneration returns 0 where nothing is stored.
func loadGeneration(d *store.Dir) (int, error) {
	body, err := d.Load(phone)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	number, _, _ := bytes.Cut(body, []byte("\n"))
	n, err := strconv.Atoi(string(number))
	if err != nil || !bytes.Equal(body, generation(n)) {
		return 0, fmt.Errorf("%d bytes that begin with %.20q are no generation", len(body), body)
	}
	return n, nil
}

// FV-BOOT-2, FV-CFG-4: whenever the process is killed, the file holds a whole
// generation, and none older than the last that Save has acknowledged.
func TestKilledAtAnyInstant(t *testing.T) {
	dir := t.TempDir()
	leftovers := 0
	for i := range 200 {
		// From at once to some saves later, in steps that don't fit a save's length.
		acknowledged := killAfter(t, dir, time.Duration(i*i%4999)*time.Microsecond)
		if len(files(t, dir)) > 2 {
			leftovers++
		}
		d, err := store.Open(dir)
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		n, err := loadGeneration(d)
		if err != nil || n < acknowledged || n > acknowledged+1 {
			t.Fatalf("kill %d: generation %d, %v, want %d or the one after it", i, n, err, acknowledged)
		}
		if diff := cmp.Diff([]string{phone + ".state", "lock"}, files(t, dir)); diff != "" {
			t.Fatalf("kill %d: files (-want +got):\n%s", i, diff)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of 200 kills have met a save before its end", leftovers)
	if leftovers == 0 {
		t.Error("no kill has met a save before its end")
	}
}

// killAfter runs saveForever, kills it that long after its first acknowledgement,
// and returns the last one.
func killAfter(t *testing.T, dir string, delay time.Duration) (acknowledged int) {
	t.Helper()
	cmd := child(t, "save", dir)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if acknowledged == 0 {
			time.AfterFunc(delay, func() { cmd.Process.Kill() })
		}
		if acknowledged, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != -1 || acknowledged == 0 {
		t.Fatalf("the child ended after generation %d with %v, want it to save until it is killed", acknowledged, err)
	}
	return acknowledged
}
