package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"provsim/internal/testing/peer"
)

// patience is how long a transfer, or a program, may last.
const patience = 3 * time.Minute

// provsim returns the built command.
func provsim(b *testing.B) string { return built(b, "PROVSIM") }

// built returns a program that bench/run has built.
func built(b *testing.B, variable string) string {
	path := os.Getenv(variable)
	if path == "" {
		b.Skip(variable + " is not set: see bench/run")
	}
	return path
}

// measure reports how much of amount work does in a second. check then says
// whether the work was done right, outside the measured time.
func measure(b *testing.B, amount float64, unit string, work func(context.Context) error, check func() error) {
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	runtime.GC() // the work must not pay for the garbage of the work before
	start := time.Now()
	if err := work(ctx); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	if err := check(); err != nil {
		b.Fatal(err)
	}
	report(b, figure{amount / took.Seconds(), unit})
}

// A figure is what a benchmark reports. Units are those of Go benchmarks.
type figure struct {
	value float64
	unit  string
}

// report reports figures in place of the time of the benchmark itself.
func report(b *testing.B, figures ...figure) {
	b.ReportMetric(0, "ns/op") // which is left out of the output
	for _, f := range figures {
		b.ReportMetric(f.value, f.unit)
	}
}

// execute runs a program to its end. Its result is checked, not its output.
func execute(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %.300q", cmd, err, out)
	}
	return nil
}

// config writes one of the configurations into a directory. Pairs are words and
// what replaces them.
func config(b *testing.B, dir, name string, pairs ...string) (path string) {
	text, err := os.ReadFile(filepath.Join("config", name))
	if err != nil {
		b.Fatal(err)
	}
	text = []byte(strings.NewReplacer(append(pairs, "@DIR@", dir)...).Replace(string(text)))
	peer.Publish(b, dir, map[string][]byte{name: text})
	return filepath.Join(dir, name)
}

// noise returns bytes that look random and are the same in each run.
func noise(size int) []byte {
	body := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(body) // it returns no error
	return body
}

// same reports a body that differs from the one that was expected.
func same(body, want []byte) error {
	if !bytes.Equal(body, want) {
		return fmt.Errorf("%d bytes differ from the %d expected", len(body), len(want))
	}
	return nil
}

// checkFile checks what a tool wrote, and removes it, so that a later round
// cannot find it.
func checkFile(path string, check func([]byte) error) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := check(body); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Remove(path)
}
