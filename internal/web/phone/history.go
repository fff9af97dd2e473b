package phone

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// How many records the page keeps, and how many outcomes of jobs.
const keptRecords, keptOutcomes = 500, 8

// recordRing keeps the latest records. The zero ring is empty.
type recordRing struct {
	records []journal.Record
	oldest  int // where the oldest stands once the ring is full
}

// add takes a record, and drops the oldest one of a ring that keeps no more.
func (r *recordRing) add(record journal.Record, most int) {
	if len(r.records) < most {
		r.records = append(r.records, record)
		return
	}
	r.records[r.oldest] = record
	r.oldest = (r.oldest + 1) % most
}

// newest yields the records, the newest first.
func (r *recordRing) newest(yield func(*journal.Record) bool) {
	for i := range r.records {
		at := (r.oldest + len(r.records) - 1 - i) % len(r.records)
		if !yield(&r.records[at]) {
			return
		}
	}
}

// history is the end of the journal, and what it says of leases and outcomes.
type history struct {
	mu       sync.Mutex
	records  recordRing
	outcomes recordRing // of jobs
	lease    string     // what the latest lease by DHCP said
}

func (h *history) add(r journal.Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.records.add(r, keptRecords)
	switch r.Kind {
	case device.ResyncDone, device.UpgradeDone:
		h.outcomes.add(r, keptOutcomes)
	case device.Leased:
		h.lease = "not by DHCP"
		if r.Job == resync.DHCP {
			h.lease = r.Note
		}
	}
}

// latest returns up to n records, the newest first.
func (h *history) latest(n int) (entries []entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for r := range h.records.newest {
		if len(entries) == n {
			break
		}
		entries = append(entries, newEntry(r))
	}
	return entries
}

// jobs returns the latest outcomes, the newest first.
func (h *history) jobs() (entries []entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for r := range h.outcomes.newest {
		entries = append(entries, newEntry(r))
	}
	return entries
}

// lines returns the records as JSON, the newest first.
func (h *history) lines() []json.RawMessage {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := []json.RawMessage{}
	for r := range h.records.newest {
		var line bytes.Buffer
		journal.NewJSON(&line).Add(r) // a Buffer takes everything
		lines = append(lines, bytes.TrimSpace(line.Bytes()))
	}
	return lines
}

func (h *history) leaseNote() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lease
}

// entry is a record as pages show it.
type entry struct {
	At      time.Duration
	Wall    time.Time
	Event   string
	Job     string
	Cause   string
	Outcome string
	Good    bool
	URL     string
	Version string
	Bytes   int64
	Took    time.Duration
	Note    string
}

func newEntry(r *journal.Record) entry {
	return entry{
		At: r.T, Wall: r.Wall, Event: r.Kind.String(), Job: r.Job.String(), Cause: r.Cause.String(),
		Outcome: r.Outcome.String(), Good: r.Outcome.Success(), URL: r.URL, Version: r.Version, Bytes: r.Bytes,
		Took: r.Took, Note: r.Note,
	}
}

// When returns the time of the wall clock, or the time since the run began where
// the record has no wall time.
func (e entry) When() string {
	if e.Wall.IsZero() {
		return e.At.Round(time.Millisecond).String()
	}
	return e.Wall.UTC().Format(time.TimeOnly)
}

// Details returns what the record says beside its event and its outcome.
func (e entry) Details() string {
	var words []string
	for _, word := range []struct{ before, text string }{{"", e.Cause}, {"version ", e.Version}, {"", e.Note}} {
		if word.text != "" {
			words = append(words, word.before+word.text)
		}
	}
	if e.Took > 0 {
		before := "took "
		if e.Event == device.Rebooting.String() { // it begins now
			before = "back in "
		}
		words = append(words, before+e.Took.Round(time.Microsecond).String())
	}
	return strings.Join(words, ", ")
}

// Add takes a record of the journal. The page opens when the firmware starts and
// closes when a reboot begins. Add does not wait for readers of the page.
func (p *Page) Add(r *journal.Record) error {
	p.history.add(*r)
	switch r.Kind {
	case device.Booted:
		if err := p.open(); err != nil {
			return err
		}
		p.driver.Look(0, func(d *device.Device, _ time.Duration) { p.began(d.Stored()) })
	case device.Rebooting:
		p.shut()
	}
	p.hub.Changed()
	return nil
}

// began notes the settings that a boot has read.
func (p *Page) began(s *device.Stored) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inForce = s.Config
}
