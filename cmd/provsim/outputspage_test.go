package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// TestOutputsPage holds that doc/outputs.md explains every word of a journal.
func TestOutputsPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "doc", "outputs.md"))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for kind := device.Booted; !strings.Contains(kind.String(), "("); kind++ {
		words = append(words, kind.String())
	}
	for _, o := range resync.Outcomes() {
		words = append(words, o.String())
	}
	words = slices.AppendSeq(words, maps.Keys(membersOfRecord(t)))
	if len(words) < 50 {
		t.Fatalf("found %d words, want those of events, outcomes and members", len(words))
	}
	for _, word := range words {
		if !bytes.Contains(page, []byte("`"+word+"`")) {
			t.Errorf("doc/outputs.md does not explain %q", word)
		}
	}
}

// membersOfRecord returns the members of a record that has all of them.
func membersOfRecord(t *testing.T) (members map[string]any) {
	t.Helper()
	var b bytes.Buffer
	record := journal.Record{Wall: time.Unix(1, 0), Event: device.Event{
		Kind: device.Transferred, Outcome: resync.NotFound, URL: "u", Bytes: 1, Status: 404, Tries: 2, Local: true,
		Expected: true, Cause: resync.Person, Version: "1", Note: "n", Due: 1, Took: 1,
	}}
	if err := journal.NewJSON(&b).Add(&record); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &members); err != nil {
		t.Fatal(err)
	}
	return members
}
