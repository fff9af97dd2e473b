package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"provsim/fleet"
	"provsim/internal/learn/logs"
	played "provsim/internal/learn/replay"
)

// writeAccessLog plays a day of an office in virtual time and writes what nginx writes in
// its combined format with $request_time behind it.
func writeAccessLog(t *testing.T, path string) {
	t.Helper()
	s, err := fleet.ParseScenario("office", []byte(`
devices: 400
duration: 8h
population:
  option66: http://192.0.2.1/p/
  products: [{vendor: flyingvoice, product: IP542N}, {vendor: yealink, product: T46S, weight: 2}, {vendor: grandstream, product: GXP2170}]
  settings: [{set: {static.auto_provision.repeat.enable: 1, static.auto_provision.repeat.minutes: 30, P194: 1, P193: 60}}]
configuration: {missing: 2%}
phases: [{over: 1h}]
events: [{at: 4h, power-cut: {for: 10m}}]
server: {http: {resync: {shape: lognormal, median: 4ms, p99: 20ms}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	devices, err := fleet.NewInventory(s, fleet.Shard{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	_, err = fleet.Plan(t.Context(), s, fleet.Options{Journal: &played.Sink{
		Devices: devices.ByTurn(), Begin: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC),
		Take: func(e *logs.Entry) {
			end := time.UnixMicro(e.At + e.Took).UTC().Format("02/Jan/2006:15:04:05 -0700")
			fmt.Fprintf(w, "%s - - [%s] \"%s %s HTTP/1.1\" %d %d \"-\" %q %.3f\n", e.Address, end, e.Method, e.Path, e.Status, e.Size, e.Agent, float64(e.Took)/1e6)
		},
	}})
	if err != nil || w.Flush() != nil || file.Close() != nil {
		t.Fatal(err)
	}
}

// The example of doc/learn.md works as it stands: from a log to the answer.
func TestLearnGuide(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "doc", "learn.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir, path := t.TempDir(), ownPath(t)
	writeAccessLog(t, filepath.Join(dir, "access.log"))
	examples := blocks(string(page), "sh")
	if len(examples) == 0 || strings.Count(examples[0], "\n") > 10 {
		t.Fatal("doc/learn.md has no example of at most ten lines")
	}
	cmd := exec.Command("sh", "-e", "-c", strings.ReplaceAll(examples[0], "/var/log/nginx/", ""))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"400 phones", "came back after a power cut", "Time until 90 % were back", "provisioned"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the example does not print %q:\n%s", want, out)
		}
	}
}
