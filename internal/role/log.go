// Package role holds what the systems around the phones have in common: their
// log.
//
// A system that phones meet (a gateway, an account server …) is a machine
// without clock and I/O, and a thin server around it. Each has a package of its
// own below this one.
package role

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"provsim/device"
)

// Record is one line of a system's own log. Empty fields are absent from the
// line. The members have the names that they have in a phone's journal.
type Record struct {
	Wall    time.Time
	Event   string     // what happened: a word or two words with a dot
	Device  device.MAC // the phone that is meant; the zero address where none is
	Outcome string
	URL     string // without user, password and query
	Took    time.Duration
	Status  int    // of HTTP
	Note    string // for people
}

// Log writes records as lines and keeps the latest ones for a page. It may be
// used from several goroutines.
type Log struct {
	mu     sync.Mutex
	w      io.Writer
	json   bool
	start  time.Time
	latest []Record
	next   int
	counts map[string]count // by event
}

// count is how often an event was logged, and the longest time that one took.
type count struct {
	n       int
	longest time.Duration
}

// Latest is how many records a log keeps.
const Latest = 200

// NewLog returns a log that writes to w, as JSON lines or as text for people.
// Times count from start.
func NewLog(w io.Writer, asJSON bool, start time.Time) *Log {
	return &Log{w: w, json: asJSON, start: start, counts: map[string]count{}}
}

// Add writes a record. A log whose writer fails goes on: what it keeps is still
// right.
func (l *Log) Add(r Record) {
	var line []byte
	if l.json {
		line = r.appendJSON(l.start)
	} else {
		line = []byte(r.text(l.start))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.counts[r.Event]
	l.counts[r.Event] = count{c.n + 1, max(c.longest, r.Took)}
	if len(l.latest) < Latest {
		l.latest = append(l.latest, r)
	} else {
		l.latest[l.next] = r
		l.next = (l.next + 1) % Latest
	}
	l.w.Write(line)
}

// Recent returns the latest records, the newest first.
func (l *Log) Recent() []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	recent := make([]Record, 0, len(l.latest))
	for i := range l.latest {
		recent = append(recent, l.latest[(l.next+len(l.latest)-1-i)%len(l.latest)])
	}
	return recent
}

// Summary says how often each event was logged, in words.
func (l *Log) Summary() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var parts []string
	for _, event := range slices.Sorted(maps.Keys(l.counts)) {
		c := l.counts[event]
		text := fmt.Sprintf("%d %s", c.n, event)
		if c.longest > 0 {
			text += fmt.Sprintf(" (at most %.3f s)", c.longest.Seconds())
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// appendJSON returns the record as one object and a line feed.
func (r *Record) appendJSON(start time.Time) []byte {
	line := struct {
		T       json.Number `json:"t"`
		Wall    string      `json:"wall"`
		Device  string      `json:"device,omitempty"`
		Event   string      `json:"event"`
		Took    json.Number `json:"took,omitempty"`
		Outcome string      `json:"outcome,omitempty"`
		URL     string      `json:"url,omitempty"`
		Status  int         `json:"status,omitempty"`
		Note    string      `json:"note,omitempty"`
	}{
		T: seconds(r.Wall.Sub(start)), Wall: r.Wall.UTC().Format(time.RFC3339Nano),
		Event: r.Event, Outcome: r.Outcome, URL: r.URL, Status: r.Status, Note: r.Note,
	}
	if r.Took > 0 {
		line.Took = seconds(r.Took)
	}
	if r.Device != (device.MAC{}) {
		line.Device = r.Device.String()
	}
	b, err := json.Marshal(line)
	if err != nil { // the struct has only texts and numbers that are well formed
		panic(err)
	}
	return append(b, '\n')
}

func seconds(d time.Duration) json.Number {
	return json.Number(strconv.FormatFloat(d.Seconds(), 'f', -1, 64))
}

// text returns the record as a line for people. Texts that came from outside
// are quoted where a terminal might obey them.
func (r *Record) text(start time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%10.3f  ", r.Wall.Sub(start).Seconds())
	if r.Device != (device.MAC{}) {
		b.WriteString(r.Device.String())
	} else {
		b.WriteString(strings.Repeat(" ", 12))
	}
	fmt.Fprintf(&b, "  %-18s", r.Event)
	if r.Outcome != "" {
		b.WriteString(" " + r.Outcome)
	}
	var parts []string
	if r.URL != "" {
		parts = append(parts, Printable(r.URL))
	}
	if r.Status != 0 {
		parts = append(parts, fmt.Sprintf("status %d", r.Status))
	}
	if r.Took > 0 {
		parts = append(parts, fmt.Sprintf("took %.3f s", r.Took.Seconds()))
	}
	if r.Note != "" {
		parts = append(parts, Printable(r.Note))
	}
	if len(parts) > 0 {
		b.WriteString(" " + strings.Join(parts, ", "))
	}
	b.WriteByte('\n')
	return b.String()
}

// Printable returns a text that keeps a line one line: as it is where all of it
// can be printed, else quoted.
func Printable(s string) string {
	odd := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if strings.ContainsFunc(s, odd) {
		return strconv.QuoteToGraphic(s)
	}
	return s
}
