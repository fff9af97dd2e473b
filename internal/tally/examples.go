package tally

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// mostExamples is how many examples there are of each outcome of a job.
const mostExamples = 3

// The most bytes of the texts of an example. They may come from a server.
const mostURL, mostReason = 300, 200

// Example is a job that applied nothing: which device, what it asked for, and why
// it got nothing. The journal has removed user and password from the URL.
type Example struct {
	Job     resync.Job     `json:"job"`
	Outcome resync.Outcome `json:"outcome"`
	At      Seconds        `json:"at"`
	Device  device.MAC     `json:"device"`
	URL     string         `json:"url,omitempty"`
	Reason  string         `json:"reason,omitempty"`
}

// Examples are the first jobs with each outcome that applied nothing, of different
// devices. In files they are a list.
type Examples [numJobs][numOutcomes][]Example

// tellsOf reports whether an outcome has examples.
func tellsOf(o resync.Outcome) bool { return !o.Success() || o == resync.Unversioned }

// note keeps a job that has ended, if it is one of the first.
func (x *Examples) note(job resync.Job, r *journal.Record) {
	if list := x[job][r.Outcome]; len(list) == mostExamples {
		last := &list[mostExamples-1]
		if cmp.Or(cmp.Compare(time.Duration(last.At), r.T), bytes.Compare(last.Device[:], r.Device[:])) < 0 {
			return
		}
	}
	x.add(Example{
		Job: job, Outcome: r.Outcome, At: Seconds(r.T), Device: r.Device,
		URL: shortened(r.URL, mostURL), Reason: shortened(reason(r), mostReason),
	})
}

// reason says why a job ended as it did, as far as the record tells.
func reason(r *journal.Record) string {
	switch {
	case r.Note != "":
		return r.Note
	case r.Status != 0:
		return fmt.Sprintf("HTTP status %d", r.Status)
	}
	return ""
}

// add keeps an example, in a new list, so that a copy of the old one stays as it is, if it is one of the first, each device's earliest alone.
// The order in which examples come makes no difference, so that those of shards
// are those of the whole run.
func (x *Examples) add(e Example) {
	list := x[e.Job][e.Outcome]
	if i := slices.IndexFunc(list, func(o Example) bool { return o.Device == e.Device }); i >= 0 {
		if compareExamples(list[i], e) <= 0 {
			return
		}
		list = slices.Delete(slices.Clone(list), i, i+1)
	}
	at, _ := slices.BinarySearchFunc(list, e, compareExamples)
	list = slices.Insert(slices.Clone(list), at, e)
	x[e.Job][e.Outcome] = list[:min(len(list), mostExamples)]
}

func compareExamples(a, b Example) int {
	return cmp.Or(cmp.Compare(a.At, b.At), bytes.Compare(a.Device[:], b.Device[:]), cmp.Compare(a.URL, b.URL), cmp.Compare(a.Reason, b.Reason))
}

// shortened cuts a text to a number of bytes, between two characters.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.Clone(text[:most]) + "…"
}

func (x *Examples) merge(o *Examples) {
	for _, e := range o.list() {
		x.add(e)
	}
}

// list returns all examples, by job, outcome and instant.
func (x *Examples) list() []Example {
	all := []Example{}
	for job := range x {
		for outcome := range x[job] {
			all = append(all, x[job][outcome]...)
		}
	}
	return all
}

// MarshalJSON writes a list.
func (x Examples) MarshalJSON() ([]byte, error) { return json.Marshal(x.list()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (x *Examples) UnmarshalJSON(text []byte) error {
	var list []Example
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*x = Examples{}
	for _, e := range list {
		x.add(e)
	}
	return nil
}
