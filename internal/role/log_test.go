package role

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// A log counts its events, those that it no longer keeps included, and the longest time
// that one took; its page says so.
func TestSummary(t *testing.T) {
	l := NewLog(io.Discard, false, time.Now())
	if l.Summary() != "" || l.Table().Note != "" {
		t.Errorf("a new log says %q and %q, want nothing", l.Summary(), l.Table().Note)
	}
	for range 2 * Latest {
		l.Add(Record{Event: "published"})
	}
	l.Add(Record{Event: "late", Took: 1500 * time.Millisecond})
	l.Add(Record{Event: "late", Took: 2 * time.Millisecond})
	if got, want := l.Summary(), "2 late (at most 1.500 s), 400 published"; got != want || !strings.Contains(l.Table().Note, want) {
		t.Errorf("the log says %q, its page %q; want %q", got, l.Table().Note, want)
	}
}

// full is a disk on which nothing can be written any more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A log whose disk is full goes on: its page is still right.
func TestFullDisk(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		l := NewLog(full{}, asJSON, time.Now())
		l.Add(Record{Event: "published", Note: "a"})
		if recent := l.Recent(); len(recent) != 1 || recent[0].Note != "a" {
			t.Errorf("the log keeps %v", recent)
		}
	}
}
