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

// diary is the end of the journal, and what it says of leases and outcomes.
type diary struct {
	mu       sync.Mutex
	records  []journal.Record // the latest, oldest first
	outcomes []journal.Record // of the latest jobs, oldest first
	lease    string           // what the latest lease by DHCP said
}

func (d *diary) add(r journal.Record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.records = tail(append(d.records, r), keptRecords)
	switch r.Kind {
	case device.ResyncDone, device.UpgradeDone:
		d.outcomes = tail(append(d.outcomes, r), keptOutcomes)
	case device.Leased:
		d.lease = "not by DHCP"
		if r.Job == resync.DHCP {
			d.lease = r.Note
		}
	}
}

// tail cuts all but the last n records off, in a new place once in a while.
func tail(records []journal.Record, n int) []journal.Record {
	if len(records) <= 2*n {
		return records
	}
	return append(make([]journal.Record, 0, 2*n+1), records[len(records)-n:]...)
}

// latest returns up to n records, the newest first.
func latest(records []journal.Record, n int) []entry {
	entries := make([]entry, 0, n)
	for i := len(records) - 1; i >= 0 && len(entries) < n; i-- {
		entries = append(entries, newEntry(records[i]))
	}
	return entries
}

func (d *diary) tail() []entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	return latest(d.records, keptRecords)
}

func (d *diary) jobs() []entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	return latest(d.outcomes, keptOutcomes)
}

// lines returns the records as JSON, the newest first.
func (d *diary) lines() []json.RawMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := []json.RawMessage{}
	for i := len(d.records) - 1; i >= 0 && len(lines) < keptRecords; i-- {
		var line bytes.Buffer
		journal.NewJSON(&line).Add(&d.records[i]) // a Buffer takes everything
		lines = append(lines, bytes.TrimSpace(line.Bytes()))
	}
	return lines
}

func (d *diary) leaseNote() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lease
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

func newEntry(r journal.Record) entry {
	return entry{
		At: r.T, Wall: r.Wall, Event: r.Kind.String(), Job: r.Job.String(), Cause: r.Cause.String(),
		Outcome: r.Outcome.String(), Good: r.Outcome.Success(), URL: r.URL, Version: r.Version, Bytes: r.Bytes,
		Took: r.Took, Note: r.Note,
	}
}

// When returns the wall clock's time, or the run's where there is none.
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
		words = append(words, "took "+e.Took.Round(time.Microsecond).String())
	}
	return strings.Join(words, ", ")
}

// Add takes a record of the journal. It opens and closes the page with the
// firmware, and waits for nobody.
func (p *Page) Add(r *journal.Record) error {
	p.diary.add(*r)
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
	p.booted = s.Config
}
