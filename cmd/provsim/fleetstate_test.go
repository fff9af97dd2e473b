//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"provsim/fleet"
)

// server gives every phone the same file, and says so on asked.
func server(t *testing.T) (url string, asked <-chan struct{}) {
	requests := make(chan struct{}, 1<<16)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "DBID_DBASE_VERSION=5\n")
		requests <- struct{}{}
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

// fleetRunOf starts a fleet of 50 phones that is kept in a directory.
func fleetRunOf(t *testing.T, program, url, dir string) (*exec.Cmd, *bytes.Buffer) {
	c := exec.CommandContext(t.Context(), program, "fleet", "--devices", "50", "--for", "10m", "--profile-rule", url+"/x", "--boot-time", "100ms",
		"--set", "Resync Random Delay=1", "--set", "Resync Periodic=1", "--state", filepath.Join(dir, "state"), "--out", filepath.Join(dir, "out"), "--events")
	said := &bytes.Buffer{}
	c.Stderr = said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, said
}

// events counts the journal's events, and those of one phone whose number is not
// the one after the number before.
func events(t *testing.T, dir string) (count map[string]int, gaps int) {
	file, err := os.Open(filepath.Join(dir, "out", "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	count, last := map[string]int{}, map[string]int{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var r struct {
			Device, Event string
			Seq           int
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%v in %q", err, lines.Text())
		}
		count[r.Event]++
		if r.Seq != last[r.Device]+1 {
			gaps++
		}
		last[r.Device] = r.Seq
	}
	return count, gaps
}

// A fleet is interrupted, goes on, is killed, and goes on: its phones have booted
// and applied their file once, and each counts its events on.
func TestFleetGoesOn(t *testing.T) {
	t.Parallel()
	program, dir := asProgram(t), t.TempDir()
	url, asked := server(t)
	stopAfter := func(requests int, signal syscall.Signal) string {
		c, said := fleetRunOf(t, program, url, dir)
		for range requests {
			<-asked
		}
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err == nil {
			t.Fatal("it ended before it was stopped")
		}
		return said.String()
	}
	stopAfter(100, syscall.SIGINT)
	if said := stopAfter(60, syscall.SIGKILL); !strings.Contains(said, "the run goes on at") {
		t.Errorf("the second time it says %q", said)
	}
	said := stopAfter(150, syscall.SIGINT)
	if !strings.Contains(said, "the run goes on at") {
		t.Errorf("the third time it says %q", said)
	}
	count, gaps := events(t, dir)
	if count["boot"] != 100 || count["apply"] != 50 || count["resync.done"] < 200 || gaps > 50 {
		t.Errorf("%d boots, %d files applied, %d resyncs and %d gaps, want 100 (power-on, the file), 50, 200 or more, and one after the kill for each at most",
			count["boot"], count["apply"], count["resync.done"], gaps)
	}
	text, err := os.ReadFile(filepath.Join(dir, "out", "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var summary struct {
		Counts struct{ Boots int }
	}
	if err := json.Unmarshal(text, &summary); err != nil || summary.Counts.Boots != 100 {
		t.Errorf("the summary has %d boots, error %v, want 100: it is of the whole run", summary.Counts.Boots, err)
	}
}

// What cannot be gone on with is refused, with what to do, and stays as it is.
func TestFleetRefusesAState(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "fleet-0-of-1.state")
	call := func(args ...string) (int, string) {
		var out, said bytes.Buffer
		ctx, end := context.WithCancel(t.Context())
		defer end()
		return execute(&env{ctx: ctx, hard: ctx, out: &out, err: &said, args: append([]string{
			"fleet", "--devices", "2", "--for", "1s", "--profile-rule", "http://127.0.0.1:1/x", "--fail-if", "failed > 100%", "--state", dir}, args...)}), said.String()
	}
	if code, said := call(); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	good, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	if code, said := call("--set", "Resync Periodic=7"); code != exitCannot || !strings.Contains(said, "another run") || !strings.Contains(said, "take another --state") {
		t.Errorf("other settings: exit code %d, %q", code, said)
	}
	for what, tt := range map[string]struct {
		body []byte
		hint string
	}{
		"cut off":         {good[:len(good)/2], "is damaged"},
		"a phone's state": {[]byte("provsim-state 1 2 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n{}"), "no line of JSON"},
		"not ours":        {[]byte("hello"), "no header"},
	} {
		if err := os.WriteFile(state, tt.body, 0o600); err != nil {
			t.Fatal(err)
		}
		code, said := call()
		after, err := os.ReadFile(state)
		if code != exitCannot || !strings.Contains(said, tt.hint) || !strings.Contains(said, "move it away") || err != nil || !bytes.Equal(after, tt.body) {
			t.Errorf("%s: exit code %d, %q, and the file has changed: %v", what, code, said, !bytes.Equal(after, tt.body))
		}
	}
}

// A run that cannot be kept goes on. It says so each time, and in the end.
func TestFleetThatCannotBeKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	var said bytes.Buffer
	f := &fleetFlags{}
	f.state = dir
	s, err := f.openState(&env{err: &said}, fleet.Shard{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s.keep([][]byte{[]byte("x")}, nil)
	s.keep(nil, errors.New("too much"))
	var ended *fault
	if n := strings.Count(said.String(), "warning: the run could not be kept"); n != 2 || !errors.As(s.failure(), &ended) || ended.code != exitCannot {
		t.Errorf("%d warnings and %v in the end, want 2 and exit code %d: %s", n, s.failure(), exitCannot, &said)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if s.keep([][]byte{[]byte("x")}, nil); s.failure() != nil {
		t.Errorf("when there is room again: %v", s.failure())
	}
}
