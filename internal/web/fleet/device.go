package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/report"
	"provsim/internal/web/app"
)

// shownRecords is how many of a device's records a page shows.
const shownRecords = 200

// profile is one device.
type profile struct {
	row
	At      float64          `json:"at"`    // seconds since the run began
	Older   bool             `json:"older"` // there were records that are not kept
	records []journal.Record // the newest first
}

func (p *Page) profile(ctx context.Context, mac string) (profile, error) {
	v, err := p.look(ctx)
	if err != nil {
		return profile{}, err
	}
	c := p.devices.Load()
	if c == nil || v.tally == nil {
		return profile{}, errUnknown
	}
	i, err := c.device(mac)
	if err != nil {
		return profile{}, err
	}
	d := profile{row: rowOf(c, v.tally, i), At: v.now.Seconds()}
	d.records, d.Older = c.records.of(i, shownRecords)
	return d, nil
}

// MarshalJSON writes the records as the journal's lines.
func (d profile) MarshalJSON() ([]byte, error) {
	records := []json.RawMessage{}
	for i := range d.records {
		var line bytes.Buffer
		if err := journal.NewJSON(&line).Add(&d.records[i]); err != nil {
			return nil, err
		}
		records = append(records, bytes.TrimSpace(line.Bytes()))
	}
	type plain profile // without this method
	return json.Marshal(struct {
		plain
		Records []json.RawMessage `json:"records"`
	}{plain(d), records})
}

// Colons returns the address as it stands on a phone.
func (d profile) Colons() string {
	mac, err := device.ParseMAC(d.MAC)
	if err != nil {
		return d.MAC
	}
	return mac.Colons()
}

// When returns the instant of the look.
func (d profile) When() string { return clock(d.At) }

// Records returns the journal as a page shows it.
func (d profile) Records() []entry {
	entries := make([]entry, 0, len(d.records))
	for i := range d.records {
		entries = append(entries, entry{&d.records[i]})
	}
	return entries
}

// entry is a record on a page.
type entry struct{ *journal.Record }

// When returns the instant in the run, to the millisecond.
func (e entry) When() string {
	return report.Clock(e.T) + time.Time{}.Add(e.T).Format(".000")
}

// Good reports whether the outcome is a success.
func (e entry) Good() bool { return e.Outcome.Success() }

// Result returns the outcome's word, if there is one.
func (e entry) Result() string { return e.Outcome.String() }

// Details returns what the record says beside its event, outcome and URL.
func (e entry) Details() string {
	var words []string
	for _, word := range []struct{ before, text string }{{"", e.Cause.String()}, {"version ", e.Version}, {"", e.Note}} {
		if word.text != "" {
			words = append(words, word.before+word.text)
		}
	}
	if e.Bytes > 0 {
		words = append(words, report.Count(int(e.Bytes))+" bytes")
	}
	if e.Took > 0 {
		words = append(words, "took "+report.Lasting(e.Took))
	}
	if e.Local {
		words = append(words, "this machine's failure")
	}
	return strings.Join(words, ", ")
}

func (p *Page) devicePage(w http.ResponseWriter, r *http.Request) error {
	d, err := p.profile(r.Context(), r.PathValue("mac"))
	if err != nil {
		return err
	}
	return p.app.Render(w, r, app.Page{Name: "device", Title: "Device " + d.Colons(), Data: d})
}

// clock writes an instant, in seconds.
func clock(seconds float64) string {
	return report.Clock(time.Duration(seconds * float64(time.Second)))
}
